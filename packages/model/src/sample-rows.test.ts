import { expect, test } from "vitest";
import { sampleRows } from "./sample-rows.ts";

test("few rows are all taken", () => {
  const rows = Float32Array.from([1, 2, 3, 4]);
  expect(sampleRows(rows, 2)).toBe(rows);
});

test("of many rows sixteen are, evenly spaced and whole", () => {
  const rows = Float32Array.from({ length: 160 * 3 }, (_, index) => index);
  const sample = sampleRows(rows, 3);
  expect(sample).toHaveLength(16 * 3);
  for (let row = 0; row < 16; row += 1) {
    const [first = Number.NaN] = sample.subarray(row * 3);
    expect(first).toBe(row * 10 * 3);
    expect([...sample.subarray(row * 3, row * 3 + 3)]).toEqual([first, first + 1, first + 2]);
  }
});
