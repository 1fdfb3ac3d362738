import { expect, test } from "vitest";
import { CsvReader, readCell } from "./batch-records.ts";

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

const TEXT = 'id,note\n1,"two\nlines"\n\n2,"a ""quoted"" word"\n3,plain\n"4",\n';
const ROWS = [
  ["id", "note"],
  ["1", "two\nlines"],
  ["2", 'a "quoted" word'],
  ["3", "plain"],
  ["4", ""],
];

function readIn(size: number, text: string) {
  const reader = new CsvReader(",");
  const rows = [];
  for (let from = 0; from < text.length; from += size) {
    rows.push(...reader.push(text.slice(from, from + size)));
  }
  return [...rows, ...reader.end()];
}

test("gives the same rows however the text is sliced", () => {
  for (let size = 1; size <= TEXT.length; size += 1) {
    expect(
      readIn(size, TEXT).map(({ cells }) => cells),
      `slices of ${size}`,
    ).toEqual(ROWS);
  }
});

test("needs no line break at the end and nothing at all", () => {
  expect(readIn(3, TEXT.trimEnd()).map(({ cells }) => cells)).toEqual(ROWS);
  expect(readIn(1, "")).toEqual([]);
});

test("says that a quote was left open, in time that grows with the text alone", () => {
  const text = `a,b\n1,"open${"x,y\n".repeat(100_000)}`;
  const started = performance.now();
  const rows = readIn(1000, text);
  expect(rows.at(-1)?.problem).toMatch(/quote/i);
  expect(performance.now() - started).toBeLessThan(2000);
});
