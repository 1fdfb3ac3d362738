import { expect, test } from "vitest";
import type { LiveTick } from "../metrics/live-tick.ts";
import { drawnAt, lineData, spanOf, stepQuantiles } from "./chart-data.ts";
import { bucketText, durationText, quantileText } from "../format.ts";

function tick(at: number, single: readonly number[] = []): LiveTick {
  return {
    at,
    seconds: 1,
    restarted: false,
    latency: single.length === 0 ? {} : { single },
    singles: {},
    rows: {},
    statuses: {},
    executions: 0,
    executedRows: 0,
    queueRows: 0,
    eventLoop: null,
  };
}

test("shows the window alone and breaks every line where no scrape was made", () => {
  const ticks = [tick(1000), tick(2000), tick(9000), tick(62_000)];
  const span = spanOf(ticks, 62_000, 1);
  expect(span.steps.map(({ at }) => at)).toEqual([9000, 62_000]);
  expect(lineData(spanOf(ticks.slice(0, 3), 9000, 1), ({ at }) => [at, null], 2)).toEqual({
    times: [1, 2, 2.001, 9],
    lines: [
      [1000, 2000, null, 9000],
      [null, null, null, null],
    ],
  });
});

test("a step without a request has no percentile, and one beyond the last bound is at least that", () => {
  const bounds = [0.001, 0.01];
  expect(stepQuantiles(tick(1000), "single", bounds)).toEqual([null, null, null]);
  const [p50, , p99] = stepQuantiles(tick(1000, [90, 0, 10]), "single", bounds);
  expect(quantileText(p50 ?? null)).toBe("556 µs");
  expect(bucketText(p50 ?? null)).toBe("up to 1 ms");
  expect(quantileText(p99 ?? null)).toBe("at least 10 ms");
  expect(drawnAt(p99 ?? null)).toBe(0.01);
  expect(drawnAt(null)).toBeNull();
});

test("says durations in the unit that fits", () => {
  expect([0.00005, 0.0021, 0.25, 0.999, 1.5, 10].map(durationText)).toEqual([
    "50 µs",
    "2.1 ms",
    "250 ms",
    "999 ms",
    "1.5 s",
    "10 s",
  ]);
});
