import { expect, test } from "vitest";
import { readCell } from "./read-cell.ts";

test.each([
  ["1.5", 1.5],
  ["1.", 1],
  [".5e1", 5],
  ["-Inf", -Infinity],
  [" ", undefined],
  ["1x", "1x"],
  ["constructor", "constructor"],
  ["__proto__", "__proto__"],
])("a cell %j stands for %j", (cell, value) => {
  expect(readCell(cell, false)).toBe(value);
});

test("a cell of 200,000 digits and a letter is read in no time", () => {
  const cell = `${"1".repeat(200_000)}x`;
  const began = performance.now();
  expect(readCell(cell, true)).toBe(cell);
  expect(performance.now() - began).toBeLessThan(2000);
});
