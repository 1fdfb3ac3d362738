import { expect, test } from "vitest";
import { arrivalGap } from "./arrivals.ts";
import { seededRandom } from "../clients/iris-rows.ts";

test("Poisson gaps have the mean of the rate and, unlike constant ones, its spread", () => {
  const random = seededRandom(1);
  const gaps = Array.from({ length: 100_000 }, () => arrivalGap("poisson", 2000, random));
  const mean = gaps.reduce((sum, gap) => sum + gap) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(mean).toBeCloseTo(0.5, 2);
  expect(Math.sqrt(variance)).toBeCloseTo(0.5, 2);
  expect(arrivalGap("constant", 2000, random)).toBe(0.5);
});
