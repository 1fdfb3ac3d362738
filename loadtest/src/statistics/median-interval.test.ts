import { expect, test } from "vitest";
import { seededRandom } from "../clients/iris-rows.ts";
import { lowerRank, medianInterval } from "./median-interval.ts";

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
