import { expect, test } from "vitest";
import type { Report } from "../report/report.ts";
import { freePort } from "../host/free-port.ts";
import { runBatchVsSingles } from "./batch-vs-singles.ts";
import { runCourse } from "./course.ts";
import { runFile } from "./file.ts";
import { runHalfLoad } from "./half-load.ts";
import { runLoadOnce } from "./load-once.ts";
import { runSwaps } from "./swaps.ts";
import { runSyncVsAsync } from "./sync-vs-async.ts";
import { runWorkers } from "./workers.ts";

// The experiments of the course as their commands run them, too short to measure: whether they run, and what they count.

const at = (port: number) => ({ port });

function texts({ verdicts }: Report) {
  return verdicts.map(({ measured, verdict }) => [measured, verdict]);
}

/** Each takes two ports that follow each other. */
const run = (name: string, check: (port: number) => Promise<void>) =>
  test(name, { timeout: 120_000 }, async () => check(await freePort()));

run("100 users: every request is answered", async (port) => {
  const { tables } = await runCourse({ duration: 1, connections: 10, ...at(port) }, "test");
  const [row] = tables[0]?.rows ?? [];
  expect(row).toMatchObject({ errors: 0, p50: expect.any(Number) });
  expect(Number(row?.["rate"])).toBeGreaterThan(10);
});

run("the model is loaded once, and by the other server for each request", async (port) => {
  const report = await runLoadOnce({ requests: 5, ...at(port) }, "test");
  expect(texts(report)).toEqual([["1", "met"]]);
  const [ours, theirs] = report.tables[0]?.rows ?? [];
  expect(ours).toMatchObject({ before: 1, after: 1 });
  expect(Number(theirs?.["after"]) - Number(theirs?.["before"])).toBe(5);
});

run("one batch takes less time than its rows one by one", async (port) => {
  const report = await runBatchVsSingles({ repeats: 5, ...at(port) }, "test");
  expect(report.verdicts[0]).toMatchObject({ verdict: "met" });
  expect(report.samples.length).toBe(15);
});

run("who waits without blocking answers more", async (port) => {
  const options = { duration: 2, connections: 20, ...at(port) };
  const { tables, verdicts } = await runSyncVsAsync(options, "test");
  const [blocking, async] = tables[0]?.rows ?? [];
  expect(Number(blocking?.["rate"])).toBeLessThan(11);
  expect(Number(async?.["rate"])).toBeGreaterThan(40);
  expect(verdicts[0]?.reason).toMatch(/errors 0 against \d+$/);
});

run("one process and two", async (port) => {
  const options = { duration: 1, connections: 20, repeats: 1, workers: 2, ...at(port) };
  const [one, two] = (await runWorkers(options, "test")).samples;
  expect(one).toMatchObject({ workers: 1, non2xx: 0, sockets: 0, timeouts: 0 });
  expect(two).toMatchObject({ workers: 2, non2xx: 0, sockets: 0, timeouts: 0 });
});

run("half of saturation is offered, and nothing fails", async (port) => {
  const options = { duration: 1, connections: 64, repeats: 1, ...at(port) };
  const { samples, summary } = await runHalfLoad(options, "test");
  expect(summary[0]).toMatch(/answered [\d,]{4,} times a second; half of that is offered/);
  expect(samples).toEqual([expect.objectContaining({ non2xx: 0, p50: expect.any(Number) })]);
});

run("swaps under load mix nothing up", async (port) => {
  const report = await runSwaps({ swaps: 6, connections: 2, ...at(port) }, "test");
  const wrong = report.verdicts.find(({ figure }) => /failed|mixed/.test(figure));
  expect(wrong?.measured).toBe("0");
});

run("a file is answered row for row", async (port) => {
  const report = await runFile({ rows: 20_000, ...at(port) }, "test");
  expect(report.samples.length).toBeGreaterThan(0);
});
