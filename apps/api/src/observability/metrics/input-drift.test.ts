import { describe, expect, test } from "vitest";
import { stabilityIndex } from "./input-drift.ts";

/** The quantiles of numbers spread evenly from 0 to 1. */
const EVEN = { "0.1": 0.1, "0.25": 0.25, "0.5": 0.5, "0.75": 0.75, "0.9": 0.9 };

const even = (count: number) => Array.from({ length: count }, (_, index) => (index + 0.5) / count);

describe("stabilityIndex", () => {
  test("is nothing for values as in training", () => {
    expect(stabilityIndex(even(1000), EVEN)).toBeCloseTo(0, 6);
  });

  test("is what the formula says for a shift by a quarter", () => {
    // Shares 0, 0, 0.25, 0.25, 0.15, 0.35 against 0.1, 0.15, 0.25, 0.25, 0.15, 0.1.
    const least = 1e-4;
    const expected =
      (least - 0.1) * Math.log(least / 0.1) +
      (least - 0.15) * Math.log(least / 0.15) +
      (0.35 - 0.1) * Math.log(0.35 / 0.1);
    const shifted = even(2000).map((value) => value + 0.25);
    expect(stabilityIndex(shifted, EVEN)).toBeCloseTo(expected, 3);
  });

  test("does not count equal quantiles twice", () => {
    const tied = { "0.1": 0, "0.25": 0, "0.5": 0, "0.75": 1, "0.9": 2 };
    const values = [0, 0, 1, 2].flatMap((value) => [value, value]);
    expect(Number.isFinite(stabilityIndex(values, tied))).toBe(true);
    // Half of the training rows are 0, a quarter 1: the rest lies above.
    expect(stabilityIndex([0, 0, 0, 0, 1, 1, 2, 3], tied)).toBeLessThan(0.1);
  });
});
