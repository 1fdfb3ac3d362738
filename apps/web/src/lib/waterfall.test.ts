import { expect, test } from "vitest";
import { waterfall, waterfallBounds } from "./waterfall.ts";

test("each step starts where the one before it ended", () => {
  const steps = waterfall(0.25, [0.5, -0.125, 0]);
  expect(steps).toEqual([
    { from: 0.25, to: 0.75 },
    { from: 0.75, to: 0.625 },
    { from: 0.625, to: 0.625 },
  ]);
});

test("the axis is that of probabilities, and longer where a sum leaves it on the way", () => {
  expect(waterfallBounds([waterfall(0.3, [0.2, 0.1])], [0, 1])).toEqual({ from: 0, to: 1 });
  const beyond = [waterfall(0.5, [0.75, -0.25]), waterfall(0.25, [-0.5, 0.25])];
  expect(waterfallBounds(beyond, [0, 1])).toEqual({ from: -0.25, to: 1.25 });
});
