import * as fc from "fast-check";
import { expect, test } from "vitest";
import { orderColumn, putTogether, sampleRows } from "./model-run.ts";

const WIDTH = 3;
const column = (index: number) => orderColumn(index, { min: -1, max: 1 });

/** What a client may send, and what a file may hold. */
const value = fc.oneof(
  fc.float({ min: -2, max: 2, noNaN: true }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 3e38),
);
const tensor = fc
  .array(fc.tuple(value, value, value), { maxLength: 300 })
  .map((rows) => Float32Array.from(rows.flat()));

test("keeps every row and tells its place", () => {
  fc.assert(
    fc.property(tensor, (features) => {
      const placed = putTogether(features, WIDTH, [column(2), column(0)]);
      const { places } = placed;
      expect(Array.from(places).toSorted((a, b) => a - b)).toEqual([...places.keys()]);
      for (const [row, place] of places.entries()) {
        const from = features.subarray(row * WIDTH, (row + 1) * WIDTH);
        expect(placed.features.subarray(place * WIDTH, (place + 1) * WIDTH)).toEqual(from);
      }
    }),
  );
});

test("puts rows of one level together, the first column before the second, in their own order within", () => {
  const rows = [
    [0.9, 0, 0.9],
    [-0.9, 1, -0.9],
    [-0.9, 2, 0.9],
    [0.9, 3, 0.9],
    [0.9, 4, -0.9],
    [-0.9, 5, -0.9],
  ];
  const { features } = putTogether(Float32Array.from(rows.flat()), WIDTH, [column(2), column(0)]);
  const middle = Array.from({ length: rows.length }, (_, row) => features[row * WIDTH + 1]);
  expect(middle).toEqual([1, 5, 4, 2, 0, 3]);
});

test("few rows are all taken", () => {
  const rows = Float32Array.from([1, 2, 3, 4]);
  expect(sampleRows(rows, 2)).toBe(rows);
});

test.each([
  [32, 16],
  [1000, 250],
  [10_000, 256],
])("of %i rows %i are, evenly spaced and whole", (many, count) => {
  const rows = Float32Array.from({ length: many * 3 }, (_, index) => index);
  const sample = sampleRows(rows, 3);
  expect(sample).toHaveLength(count * 3);
  for (let row = 0; row < count; row += 1) {
    const [first = Number.NaN] = sample.subarray(row * 3);
    expect(first).toBe(Math.floor((row * many) / count) * 3);
    expect([...sample.subarray(row * 3, row * 3 + 3)]).toEqual([first, first + 1, first + 2]);
  }
});
