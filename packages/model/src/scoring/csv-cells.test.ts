import * as fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { csvCell, splitCells } from "./csv-cells.ts";
import { RecordSplitter } from "./record-splitter.ts";

const LIMITS = { rows: 3, bytes: 50 };

/** A file's records as cells, with its bytes pushed in pieces. */
function read(text: string, delimiter: string, piece: number): (readonly string[])[] {
  const splitter = new RecordSplitter(delimiter);
  const bytes = Buffer.from(text);
  const rows: (readonly string[])[] = [];
  const drain = (end: boolean) => {
    for (;;) {
      const block = splitter.next(LIMITS, end);
      if (block === undefined) return;
      const decoder = Buffer.from(block.bytes);
      expect(block.bounds.length / 2).toBeLessThanOrEqual(LIMITS.rows);
      for (let index = 0; index < block.bounds.length; index += 2) {
        const [from, to] = block.bounds.subarray(index);
        rows.push(splitCells(decoder.toString("utf8", from, to), delimiter).cells);
      }
    }
  };
  for (let start = 0; start < bytes.length; start += piece) {
    splitter.push(bytes.subarray(start, start + piece));
    drain(false);
  }
  drain(true);
  return rows;
}

const cell = fc.string({
  unit: fc.constantFrom("a", "1", " ", '"', ",", ";", "\n", "\r", "é", "😀"),
});
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 8 });
const piece = fc.integer({ min: 1, max: 40 });
const writing = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  newline: fc.constantFrom("\n", "\r\n", "\r"),
  quotes: fc.boolean(),
});

describe("records and cells", () => {
  test("are what another program wrote, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(table, piece, writing, (rows, size, { delimiter, newline, quotes }) => {
        const text = Papa.unparse(rows, { delimiter, newline, quotes });
        expect(read(text, delimiter, size)).toEqual(rows);
      }),
      { numRuns: 2000 },
    );
  });

  test("are what another program reads, where no quote is out of place", () => {
    const plain = fc.string({ unit: fc.constantFrom("a", "1", " ", ",", "\n") });
    fc.assert(
      fc.property(plain, piece, (text, size) => {
        const { data } = Papa.parse<string[]>(text, { delimiter: ",", skipEmptyLines: true });
        const rows = data.filter((cells) => cells.length > 1 || cells[0]?.trim() !== "");
        expect(read(text, ",", size)).toEqual(rows);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a"b,c', ['a"b', "c"]],
    ['"ab"c,d', ["abc", "d"]],
    ['"a""b","",x', ['a"b', "", "x"]],
    ['a, "b,c"', ["a", ' "b', 'c"']],
    ["", [""]],
    [",", ["", ""]],
  ])("of %j are %j", (record, cells) => {
    expect(splitCells(record, ",")).toEqual({ cells, closed: true });
  });

  test("a quote that is never closed keeps the rest of the record", () => {
    expect(splitCells('1,"2,3', ",")).toEqual({ cells: ["1", "2,3"], closed: false });
  });
});

describe("csvCell", () => {
  test("writes what another program reads", () => {
    const harmless = cell.filter((text) => !text.startsWith("\r"));
    fc.assert(
      fc.property(harmless, fc.constantFrom(",", ";"), (text, delimiter) => {
        const record = [csvCell(text, delimiter), "end"].join(delimiter);
        expect(Papa.parse(record, { delimiter }).data).toEqual([[text, "end"]]);
      }),
    );
  });

  test.each([
    ["=1+1", "'=1+1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"],
    ["-2+3", "'-2+3"],
    ["\tx", "'\tx"],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ])("takes the formula out of %j", (text, safe) => {
    expect(csvCell(text, ",")).toBe(safe);
  });

  test.each(["-1", "+1", "-1.5e-3", "-.5", "1-2", "a=b", "", "'=1"])(
    "leaves %j as it is",
    (text) => {
      expect(csvCell(text, ",")).toBe(text);
    },
  );
});
