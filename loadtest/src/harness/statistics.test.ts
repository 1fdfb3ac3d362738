import { describe, expect, test } from "vitest";
import { seededRandom } from "./request-bodies.ts";
import {
  arrivalGap,
  growthPercent,
  lowerRank,
  median,
  medianInterval,
  medianOf,
  percentileOrNull,
  quantile,
  ratioWithinRounds,
  spread,
  theilSenSlope,
} from "./statistics.ts";

describe("median", () => {
  test("is the middle of an odd and the mean of the two middle ones of an even count", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 4])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
  });

  test("leaves out what was not measured", () => {
    expect(medianOf([null, 3, null, 5])).toBe(4);
    expect(medianOf([null])).toBeNull();
  });
});

test("a spread is median and extremes", () => {
  expect(spread([3, null, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spread([])).toBeNull();
});

test("a percentile needs a request beyond it", () => {
  expect(percentileOrNull(99, 99, 7)).toBeNull();
  expect(percentileOrNull(99, 100, 7)).toBe(7);
  expect(percentileOrNull(99.9, 999, 7)).toBeNull();
  expect(percentileOrNull(99.9, 1000, 7)).toBe(7);
});

test("a quantile has its share of the values below it", () => {
  const values = Array.from({ length: 100 }, (_, value) => 99 - value);
  expect([0, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([0, 50, 99, 99]);
  expect(quantile([], 0.5)).toBe(0);
});

test("a round that is slow for both sides does not move the ratio", () => {
  const fast = [100, 10, 120].map((value, index) => ({ round: index + 1, value }));
  const slow = [50, 5, 40].map((value, index) => ({ round: index + 1, value }));
  expect(ratioWithinRounds(fast, slow)).toEqual({ median: 2, min: 2, max: 3 });
});

test("rounds that lack a side do not count", () => {
  expect(ratioWithinRounds([{ round: 1, value: 3 }], [{ round: 2, value: 1 }])).toBeNull();
  const both = ratioWithinRounds(
    [
      { round: 1, value: 3 },
      { round: 2, value: 8 },
    ],
    [{ round: 2, value: 4 }],
  );
  expect(both).toEqual({ median: 2, min: 2, max: 2 });
});

test("one outlier does not move the slope", () => {
  const line = Array.from({ length: 20 }, (_, x) => [x, 100 + x] as const);
  expect(theilSenSlope(line)).toBeCloseTo(1);
  expect(theilSenSlope([...line.slice(0, -1), [19, 10_000]])).toBeCloseTo(1);
  expect(growthPercent(line)).toBeCloseTo((19 / 109.5) * 100);
  expect(growthPercent(line, 190)).toBeCloseTo((190 / 109.5) * 100);
  expect(growthPercent([])).toBeNull();
});

test("Poisson gaps have the mean of the rate and, unlike constant ones, its spread", () => {
  const random = seededRandom(1);
  const gaps = Array.from({ length: 100_000 }, () => arrivalGap("poisson", 2000, random));
  const mean = gaps.reduce((sum, gap) => sum + gap) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(mean).toBeCloseTo(0.5, 2);
  expect(Math.sqrt(variance)).toBeCloseTo(0.5, 2);
  expect(arrivalGap("constant", 2000, random)).toBe(0.5);
});

// The ranks that tables of the sign test give for 95 %.
test.each([
  [5, 0],
  [6, 1],
  [8, 1],
  [9, 2],
  [15, 4],
  [20, 6],
  [25, 8],
  [100, 40],
])("of %i values the interval begins at rank %i", (count, rank) => {
  expect(lowerRank(count)).toBe(rank);
});

test("nine values give the second and the eighth", () => {
  const values = [1.4, 0.9, 1, 1.1, 0.2, 1.2, 0.8, 1.3, 7];
  expect(medianInterval(values)).toEqual({ median: 1.1, interval: { low: 0.8, high: 1.4 } });
});

test("too few values give a median without an interval, and none give nothing", () => {
  expect(medianInterval([1, 3, 2, 5, 4])).toEqual({ median: 3, interval: null });
  expect(medianInterval([])).toBeNull();
});

test("the interval holds the true median of a skewed distribution in 95 % of the cases", () => {
  const random = seededRandom(1);
  const trials = 4000;
  let held = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    // Exponential: its median is ln 2.
    const values = Array.from({ length: 9 }, () => -Math.log(1 - random()));
    const { low = 0, high = 0 } = medianInterval(values)?.interval ?? {};
    if (low <= Math.LN2 && Math.LN2 <= high) held += 1;
  }
  // 96.1 % of nine values, give or take three standard errors.
  expect(held / trials).toBeGreaterThan(0.95);
  expect(held / trials).toBeLessThan(0.972);
});
