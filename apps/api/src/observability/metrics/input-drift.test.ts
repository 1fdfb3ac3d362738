import { describe, expect, test } from "vitest";
import { binsOf, stabilityIndex } from "./input-drift.ts";

/** A feature with these quantiles. */
function column(quantiles: Record<string, number>, missing = 0) {
  return { name: "x", min: 0, max: 1, mean: 0.5, std: 0.3, quantiles, missing };
}

/** The quantiles of numbers spread evenly from 0 to 1. */
const EVEN = binsOf(column({ "0.1": 0.1, "0.25": 0.25, "0.5": 0.5, "0.75": 0.75, "0.9": 0.9 }));

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
    const tied = binsOf(column({ "0.1": 0, "0.25": 0, "0.5": 0, "0.75": 1, "0.9": 2 }));
    const values = [0, 0, 1, 2].flatMap((value) => [value, value]);
    expect(Number.isFinite(stabilityIndex(values, tied))).toBe(true);
    // Half of the training rows are 0, a quarter 1: the rest lies above.
    expect(stabilityIndex([0, 0, 0, 0, 1, 1, 2, 3], tied)).toBeLessThan(0.1);
  });

  test("counts the values of a category and the missing ones", () => {
    const sexes = binsOf({ name: "sex", counts: [40, 40], missing: 0.2 });
    const trained = [0, 0, 1, 1, NaN];
    expect(stabilityIndex(trained, sexes)).toBeCloseTo(0, 6);
    const moved = 0.2 * Math.log(0.6 / 0.4) + (1e-4 - 0.2) * Math.log(1e-4 / 0.2);
    expect(stabilityIndex([0, 0, 0, 1, 1], sexes)).toBeCloseTo(moved, 3);
  });

  test("of missing values in a feature that had none is large", () => {
    expect(stabilityIndex([...even(100), ...Array<number>(100).fill(NaN)], EVEN)).toBeGreaterThan(
      1,
    );
  });
});
