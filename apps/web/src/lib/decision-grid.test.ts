import { expect, test } from "vitest";
import { borderPath, gridRows, gridSize, labelCell, runs } from "./decision-grid.ts";
import type { NumberField } from "./feature-range.ts";

const size = gridSize(3);

function field(name: string, type: "number" | "integer" = "number"): NumberField {
  const shared = { name, label: name };
  const range = { unit: "", training: null, min: 0, max: size, step: 1 };
  const form = { kind: "number", description: "", nullable: false } as const;
  return { ...shared, ...form, ...range, feature: { ...shared, type } };
}

test("a grid varies two features and keeps the others", () => {
  const axes = { x: 2, y: 0, fieldX: field("c"), fieldY: field("a") };
  const rows = gridRows([7, "male", 9], axes, size);
  expect(rows).toHaveLength(size ** 2);
  expect(rows[0]).toEqual([0.5, "male", 0.5]);
  expect(rows[1]).toEqual([0.5, "male", 1.5]);
  expect(rows[size]).toEqual([1.5, "male", 0.5]);
});

test("a grid over integers asks for whole numbers", () => {
  const axes = { x: 1, y: 0, fieldX: field("b", "integer"), fieldY: field("a", "integer") };
  const values = gridRows([0, 0], { ...axes, fieldX: { ...axes.fieldX, max: 3 } }, size).flat();
  expect(values.every((value) => Number.isInteger(value))).toBe(true);
});

test("a grid over wide rows has fewer cells", () => {
  expect(gridSize(4)).toBe(48);
  expect(gridSize(4, true)).toBe(96);
  expect(gridSize(1000)).toBe(22);
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
  expect(borderPath({ size: 2, classes: [0, 1, 0, 0] })).toBe("M1 1v1M1 1h1");
});

test("a name stands where its class has the most room, and nowhere without room", () => {
  const row = [0, 0, 0, 0, 0, 0, 0, 1];
  const grid = { size: 8, classes: Array.from({ length: 8 }, () => row).flat(), confidence: [] };
  expect(labelCell(grid, 0)).toBe(8 + 3);
  expect(labelCell(grid, 1)).toBeNull();
});
