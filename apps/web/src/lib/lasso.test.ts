import { expect, test } from "vitest";
import { extended, isInside, isRegion, type Point } from "./lasso.ts";

// The shape of a U, open at the top.
const CUP: readonly Point[] = [
  [0, 0],
  [30, 0],
  [30, 30],
  [20, 30],
  [20, 10],
  [10, 10],
  [10, 30],
  [0, 30],
];

test("a point is inside a path whatever its form", () => {
  const inside: readonly Point[] = [
    [5, 20],
    [15, 5],
    [25, 25],
  ];
  const outside: readonly Point[] = [
    [15, 20],
    [-1, 5],
    [31, 5],
    [15, 31],
  ];
  expect(inside.map((point) => isInside(CUP, point))).toEqual([true, true, true]);
  expect(outside.map((point) => isInside(CUP, point))).toEqual([false, false, false, false]);
});

test("a click is no region, and a path leaves out points that lie on each other", () => {
  expect(isRegion(CUP)).toBe(true);
  expect(
    isRegion([
      [0, 0],
      [3, 1],
      [4, 4],
    ]),
  ).toBe(false);
  expect(extended([[0, 0]], [1, 1])).toEqual([[0, 0]]);
  expect(extended([[0, 0]], [5, 0])).toHaveLength(2);
});
