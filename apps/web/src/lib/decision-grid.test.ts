import { expect, test } from "vitest";
import { borderPath, gridRows, GRID_SIZE, labelCell, runs } from "./decision-grid.ts";

const field = (name: string) => ({
  name,
  label: name,
  unit: "",
  training: null,
  min: 0,
  max: GRID_SIZE,
  step: 1,
});

test("a grid varies two features and keeps the others", () => {
  const rows = gridRows([field("a"), field("b"), field("c")], [7, 8, 9], 2, 0);
  expect(rows).toHaveLength(GRID_SIZE ** 2);
  expect(rows[0]).toEqual([0.5, 8, 0.5]);
  expect(rows[1]).toEqual([0.5, 8, 1.5]);
  expect(rows[GRID_SIZE]).toEqual([1.5, 8, 0.5]);
});

test("runs join equal neighbours of a row and cover every cell", () => {
  const classes = [0, 0, 1, 2, 2, 2, 1, 1, 1];
  const found = runs(3, (cell) => classes[cell] ?? -1);
  expect(found.map(({ row, from, to, value }) => [row, from, to, value])).toEqual([
    [0, 0, 2, 0],
    [0, 2, 3, 1],
    [1, 0, 3, 2],
    [2, 0, 3, 1],
  ]);
});

test("borders lie between cells of different classes, with the first row at the bottom", () => {
  expect(borderPath({ size: 2, classes: [0, 1, 0, 0], confidence: [] })).toBe("M1 1v1M1 1h1");
});

test("a name stands where its class has the most room, and nowhere without room", () => {
  const row = [0, 0, 0, 0, 0, 0, 0, 1];
  const grid = { size: 8, classes: Array.from({ length: 8 }, () => row).flat(), confidence: [] };
  expect(labelCell(grid, 0)).toBe(8 + 3);
  expect(labelCell(grid, 1)).toBeNull();
});
