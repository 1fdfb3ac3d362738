import { expect, test } from "vitest";
import { freePort } from "../harness/host.ts";
import { batchVsSingles } from "./batch-vs-singles.ts";
import { contractSwaps } from "./contract-swaps.ts";
import { course } from "./course.ts";
import { halfLoad } from "./half-load.ts";
import { soak } from "./soak.ts";
import { swaps } from "./swaps.ts";
import { syncVsAsync } from "./sync-vs-async.ts";
import { workers } from "./workers.ts";

// The experiments as their commands run them, too short to measure: whether they run, and what they count.

/** Each takes two ports that follow each other. */
const run = (name: string, check: (port: number) => Promise<void>) =>
  test(name, { timeout: 120_000 }, async () => check(await freePort()));

run("100 users: every request gets a response", async (port) => {
  const { report } = await course.measure({ duration: 1, connections: 10, port });
  const [row] = report.tables[0]?.rows ?? [];
  expect(row).toMatchObject({ errors: 0, p50: expect.any(Number) });
  expect(Number(row?.["rate"])).toBeGreaterThan(10);
});

run("one batch takes less time than its rows one by one", async (port) => {
  const { report } = await batchVsSingles.measure({ repeats: 5, port });
  expect(report.verdicts[0]).toMatchObject({ verdict: "met" });
  expect(report.samples.length).toBe(15);
});

run("a server that waits without blocking has more throughput", async (port) => {
  const options = { duration: 2, connections: 20, port };
  const { report } = await syncVsAsync.measure(options);
  const [blocking, async] = report.tables[0]?.rows ?? [];
  expect(Number(blocking?.["rate"])).toBeLessThan(11);
  expect(Number(async?.["rate"])).toBeGreaterThan(40);
  expect(report.verdicts[0]?.reason).toMatch(/errors 0 against \d+$/);
});

run("one process and two", async (port) => {
  const options = { duration: 1, connections: 20, repeats: 1, workers: 2, port };
  const [one, two] = (await workers.measure(options)).report.samples;
  expect(one).toMatchObject({ workers: 1, non2xx: 0, sockets: 0, timeouts: 0 });
  expect(two).toMatchObject({ workers: 2, non2xx: 0, sockets: 0, timeouts: 0 });
});

run("half of saturation is offered, and nothing fails", async (port) => {
  const options = { duration: 1, connections: 64, repeats: 1, port };
  const { samples, summary } = (await halfLoad.measure(options)).report;
  expect(summary[0]).toMatch(/answered [\d,]{4,} times a second; half of that is offered/);
  expect(samples).toEqual([expect.objectContaining({ non2xx: 0, p50: expect.any(Number) })]);
});

run("swaps under load mix no versions", async (port) => {
  const { report } = await swaps.measure({ swaps: 6, connections: 2, port });
  const wrong = report.verdicts.find(({ figure }) => /failed|mixed/.test(figure));
  expect(wrong?.measured).toBe("0");
});

run("a contract appears and goes, and no request of others fails", async (port) => {
  const { report } = await contractSwaps.measure({ mounts: 3, connections: 2, port });
  expect(report.verdicts[0]).toMatchObject({ measured: "0", verdict: "not measured" });
  const last = report.samples.at(-1);
  expect(last).toMatchObject({ swaps: 3, failed: 0, servedMs: expect.any(Number) });
  expect(Number(last?.["requests"])).toBeGreaterThan(0);
});

run("a soak predicts rightly for every kind of request through swaps", async (port) => {
  const seconds = 6;
  const options = { duration: seconds, rate: 200, connections: 16, seed: 3, port };
  const { report } = await soak.measure(options);
  const [wrong, , handles] = report.verdicts;
  expect(wrong).toMatchObject({ verdict: "aim met", measured: "0" });
  expect(handles?.verdict).toMatch(/met/);
  expect(report.samples.length).toBe(seconds);
  expect(report.samples.at(-1)).toMatchObject({ wrong: 0, externalBytes: expect.any(Number) });
  expect(Number(report.samples.at(-1)?.["externalBytes"])).toBeGreaterThan(0);
  expect(Number(report.samples.at(-1)?.["swaps"])).toBeGreaterThan(0);
  const kinds = report.tables[1]?.rows ?? [];
  expect(kinds).toHaveLength(7);
  for (const { kind, sent, right } of kinds) {
    expect(sent).toBeGreaterThan(0);
    expect({ kind, right }).toEqual({ kind, right: sent });
  }
});
