import { expect, test } from "vitest";
import { markedPoints, plotScale } from "./plot-scale.ts";

test("a linear scale begins at 0 and ends at the tick at or above the highest value", () => {
  const beyond = plotScale([20, 87], { log: false, from: 0, to: 100, count: 5 });
  expect([beyond.ticks.at(-1), beyond.place(100)]).toEqual([100, 100]);
  const { place, ticks } = plotScale([20, 100], { log: false, from: 0, to: 200, count: 5 });
  expect([0, 50, 100].map(place)).toEqual([0, 100, 200]);
  expect(ticks).toEqual([0, 20, 40, 60, 80, 100]);
});

test("zeros stand on the axis, with room above it", () => {
  const { place, ticks } = plotScale([0, 0], { log: false, from: 100, to: 0, count: 2 });
  expect(place(0)).toBe(100);
  expect(ticks).toEqual([0, 0.5, 1]);
});

test("a logarithmic scale has powers of ten as ticks, and no place for 0", () => {
  const { drawable, place, ticks } = plotScale([0, 0.1, 1000], {
    log: true,
    from: 0,
    to: 4,
    count: 5,
  });
  expect(ticks).toEqual([0.1, 1, 10, 100, 1000]);
  expect(place(10)).toBeCloseTo(2);
  expect([drawable(0), drawable(0.1)]).toEqual([false, true]);
  const beyond = plotScale([3, 40], { log: true, from: 0, to: 2, count: 5 });
  expect([beyond.ticks, beyond.place(100)]).toEqual([[1, 10, 100], 2]);
});

test("marks stand apart", () => {
  const points = Array.from({ length: 9 }, (_, at) => [at * 4, 0] as const);
  expect(markedPoints(points, 10).map(([at]) => at)).toEqual([0, 12, 24]);
  expect(markedPoints(points, 4)).toEqual(points);
});
