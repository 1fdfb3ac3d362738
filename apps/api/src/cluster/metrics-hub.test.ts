import { Registry } from "prom-client";
import { expect, test } from "vitest";
import type { Snapshot } from "./messages.ts";
import { MetricsHub } from "./metrics-hub.ts";

const counter = (value: number, aggregator: string): Snapshot =>
  // As it comes over the channel between processes.
  JSON.parse(
    JSON.stringify([
      {
        name: "rows_total",
        help: "Rows",
        type: "counter",
        aggregator,
        values: [{ value, labels: {} }],
      },
    ]),
  );

function hubOfDead(...snapshots: Snapshot[]): MetricsHub {
  const hub = new MetricsHub(new Registry());
  for (const [id, snapshot] of snapshots.entries()) {
    hub.join({ id, ask: () => undefined });
    hub.receive(id, snapshot, undefined);
    hub.leave(id);
  }
  return hub;
}

test("the counts of the dead stay in the sum", async () => {
  const hub = hubOfDead(counter(1, "sum"), counter(2, "sum"), counter(4, "sum"));
  expect(await (await hub.sum()).metrics()).toContain("rows_total 7\n");
});

test("counts that cannot be summed fail the reading and nothing else", async () => {
  const hub = hubOfDead(counter(1, "nonsense"), counter(2, "nonsense"));
  // A rejection that nobody handles fails the run.
  await expect(hub.sum()).rejects.toThrow("'nonsense' is not a defined aggregator");
});
