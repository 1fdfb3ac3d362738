import { expect, test } from "vitest";
import type { LiveTick } from "./live-tick.ts";
import { isGap, latencyCounts, mergeAll, mergeIntoSteps } from "./merge-ticks.ts";

function tick(at: number, more: Partial<LiveTick> = {}): LiveTick {
  return {
    at,
    seconds: 1,
    restarted: false,
    latency: { single: [1, 2] },
    singles: { a: 3 },
    rows: { single: 3 },
    statuses: { "2xx": 3 },
    executions: 2,
    executedRows: 3,
    queueRows: 0,
    eventLoop: null,
    ...more,
  };
}

test("adds what was counted and keeps the larger of what was measured", () => {
  const loop = { p50: 1, p99: 2, max: 3 };
  const merged = mergeAll([
    tick(1000, { queueRows: 4 }),
    tick(2000, { latency: { batch: [0, 5] }, singles: { b: 1 }, eventLoop: loop, restarted: true }),
  ]);
  expect(merged).toMatchObject({
    at: 2000,
    seconds: 2,
    restarted: true,
    latency: { single: [1, 2], batch: [0, 5] },
    singles: { a: 3, b: 1 },
    executions: 4,
    queueRows: 4,
    eventLoop: loop,
  });
  expect(mergeAll([])).toBeNull();
});

test("adds the requests of a model that is called as what every object has", () => {
  const merged = mergeAll([tick(1000), tick(2000, { singles: { constructor: 2 } })]);
  expect(Object.entries(merged?.singles ?? {})).toEqual([
    ["a", 3],
    ["constructor", 2],
  ]);
});

test("steps follow the clock and never reach across a gap", () => {
  const ticks = [tick(6000), tick(7000), tick(9500), tick(10_500)];
  expect(isGap(tick(7000), tick(9500))).toBe(true);
  expect(isGap(tick(7000), tick(8100))).toBe(false);
  const steps = mergeIntoSteps(ticks, 5);
  expect(steps.map(({ at, seconds }) => [at, seconds])).toEqual([
    [7000, 2],
    [9500, 1],
    [10_500, 1],
  ]);
  expect(mergeIntoSteps(ticks, 1)).toEqual(ticks);
});

test("counts one kind of request or all of them", () => {
  const both = tick(1000, { latency: { single: [1, 2], other: [4, 0] } });
  expect(latencyCounts(both, "single", 2)).toEqual([1, 2]);
  expect(latencyCounts(both, "batch", 2)).toEqual([0, 0]);
  expect(latencyCounts(both, "all", 2)).toEqual([5, 2]);
});
