import { expect, test } from "vitest";
import { freePort } from "../harness/host.ts";
import { peerNamed } from "../harness/peers.ts";
import { checkedPeer } from "../harness/servers.ts";
import { file } from "./file.ts";
import { loadOnce } from "./load-once.ts";

// Two experiments as their commands run them, and a row of the bench; the other experiments are in `experiments.deep.test.ts`.

test("the model is loaded once, and by the other server for each request", async () => {
  const { report } = await loadOnce.measure({ requests: 5, port: await freePort() });
  expect(report.verdicts).toMatchObject([{ measured: "1", verdict: "met" }]);
  const [ours, theirs] = report.tables[0]?.rows ?? [];
  expect(ours).toMatchObject({ before: 1, after: 1 });
  expect(Number(theirs?.["after"]) - Number(theirs?.["before"])).toBe(5);
});

test("a file gets a result for each row", async () => {
  const { report } = await file.measure({ rows: 20_000, port: await freePort() });
  expect(report.samples.length).toBeGreaterThan(0);
});

test("the row of the tRPC batch link has the trainer's predictions", async () => {
  await using server = await checkedPeer(peerNamed("sepal-trpc-batch"), await freePort());
  expect(server.pid).toBeGreaterThan(0);
});
