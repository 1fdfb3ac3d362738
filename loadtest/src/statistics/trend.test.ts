import { expect, test } from "vitest";
import { growthPercent, theilSenSlope } from "./trend.ts";

test("one outlier does not move the slope", () => {
  const line = Array.from({ length: 20 }, (_, x) => [x, 100 + x] as const);
  expect(theilSenSlope(line)).toBeCloseTo(1);
  expect(theilSenSlope([...line.slice(0, -1), [19, 10_000]])).toBeCloseTo(1);
  expect(growthPercent(line)).toBeCloseTo((19 / 109.5) * 100);
  expect(growthPercent(line, 190)).toBeCloseTo((190 / 109.5) * 100);
  expect(growthPercent([])).toBeNull();
});
