import { describe, expect, test } from "vitest";
import { median, medianOf, percentileOrNull, quantile, spread } from "./statistics.ts";

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
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spread([])).toBeNull();
});

test("a percentile needs a request beyond it", () => {
  expect(percentileOrNull(99, 99, 7)).toBeNull();
  expect(percentileOrNull(99, 100, 7)).toBe(7);
  expect(percentileOrNull(99.9, 999, 7)).toBeNull();
  expect(percentileOrNull(99.9, 1000, 7)).toBe(7);
});

test("a quantile has its share of the sorted values below it", () => {
  const values = Array.from({ length: 100 }, (_, value) => value);
  expect([0, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([0, 50, 99, 99]);
  expect(quantile([], 0.5)).toBe(0);
});
