import { expect, test } from "vitest";
import { formatCell, formatShort } from "./format.ts";
import { markdownTable } from "./render.ts";

const column = { key: "rate", label: "req/s", digits: 1, spread: true };

test("a cell shows its median, extremes where wanted, and a dash for nothing", () => {
  const cell = { median: 12_345.67, min: 9000, max: 13_000 };
  expect(formatCell(cell, column)).toBe("12,345.7 (9,000.0–13,000.0)");
  expect(formatCell(cell, { ...column, spread: false })).toBe("12,345.7");
  expect(formatCell(null, column)).toBe("–");
  expect(formatCell("a | b", column)).toBe("a | b");
});

test("a table escapes what would break it", () => {
  const rows = [{ name: "a | b", rate: 2 }];
  const name = { key: "name", label: "Server", digits: null, spread: false };
  expect(markdownTable({ columns: [name, column], rows })).toBe(
    "| Server | req/s |\n| --- | ---: |\n| a \\| b | 2.0 |",
  );
});

test("a short number keeps three significant digits, whatever its size", () => {
  expect([0, 0.0123, 0.3064, 3.967, 14.6, 1875.515, 1_242_766].map(formatShort)).toEqual([
    "0",
    "0.012",
    "0.306",
    "3.97",
    "14.6",
    "1,876",
    "1,242,766",
  ]);
});
