import { expect, test } from "vitest";
import { MovingAverage } from "./moving-average.ts";

test("the first sample counts whole and each later one a tenth", () => {
  const average = new MovingAverage();
  expect(average.value).toBe(0);
  average.add(10);
  expect(average.value).toBe(10);
  average.add(20);
  expect(average.value).toBe(11);
  average.add(1);
  expect(average.value).toBe(10);
});
