import { expect, test } from "vitest";
import { sampleRows } from "./inference-observer.ts";

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
