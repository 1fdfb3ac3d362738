import * as fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { decode, encode } from "@sepal/schema/files/charset";
import {
  cellValue,
  keepCell,
  readNumber,
  splitCells,
  writeCell,
} from "@sepal/schema/files/csv-cells";
import { RecordSplitter } from "@sepal/schema/files/record-splitter";

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
        const { cells } = splitCells(decoder.toString("latin1", from, to), delimiter);
        rows.push(cells.map((raw) => decode(cellValue(raw), "utf-8")));
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
    const split = splitCells(record, ",");
    expect([split.cells.map(cellValue), split.closed]).toEqual([cells, true]);
    expect(split.cells.join(",")).toBe(record);
  });

  test("a quote that is never closed keeps the rest of the record", () => {
    expect(splitCells('1,"2,3', ",")).toEqual({ cells: ["1", '"2,3'], closed: false });
  });
});

const FORM = { charset: "utf-8", delimiter: ",", decimal: ".", spreadsheet: false } as const;
const SAFE = { ...FORM, spreadsheet: true };

describe("a written cell", () => {
  test("is read by another program as it was", () => {
    const harmless = cell.filter((text) => !text.startsWith("\r"));
    fc.assert(
      fc.property(harmless, fc.constantFrom(",", ";"), (text, delimiter) => {
        const written = decode(writeCell(text, { ...FORM, delimiter }), "utf-8");
        expect(Papa.parse([written, "end"].join(delimiter), { delimiter }).data).toEqual([
          [text, "end"],
        ]);
      }),
    );
  });

  test.each(["=1+1", "@SUM(A1)", "-2+3", "＝1+1"])(
    "is %j as it is where nothing is asked",
    (text) => {
      expect(decode(writeCell(text, FORM), "utf-8")).toBe(text);
      const cell = encode(text, "utf-8");
      expect(keepCell(cell, FORM)).toBe(cell);
    },
  );

  test.each([
    ["=1+1", "'=1+1"],
    [" =1+1", "' =1+1"],
    ["\u00a0=1+1", "'\u00a0=1+1"],
    ["\u200b=1+1", "'\u200b=1+1"],
    ["＝1+1", "'＝1+1"],
    ["＋1+1", "'＋1+1"],
    ["－1+1", "'－1+1"],
    ["＠SUM(A1)", "'＠SUM(A1)"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"],
    ["-2+3", "'-2+3"],
    ["\tx", "'\tx"],
    ["\n=1", `"'\n=1"`],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ])("takes the formula out of %j where that is asked", (text, safe) => {
    expect(decode(writeCell(text, SAFE), "utf-8")).toBe(safe);
  });

  test.each(["-1", "+1", "-1.5e-3", "-.5", "1-2", "a=b", "", "'1"])(
    "leaves %j as it is where cells have to be safe",
    (text) => {
      expect(writeCell(text, SAFE)).toBe(text);
    },
  );

  test("with a decimal comma leaves -1,5 as it is", () => {
    const form = { ...SAFE, delimiter: ";", decimal: "," } as const;
    expect(writeCell("-1,5", form)).toBe("-1,5");
    expect(writeCell("-1.5", form)).toBe("'-1.5");
  });
});

describe("numbers", () => {
  test.each([
    ["1.5", ".", 1.5],
    ["1,5", ",", 1.5],
    ["1,5e3", ",", 1500],
    ["15", ",", 15],
    [" +.5 ", ".", 0.5],
    ["1.5", ",", undefined],
    ["1,5", ".", undefined],
    ["1,000,5", ",", undefined],
  ] as const)("%j with the mark %j is %j", (text, mark, number) => {
    expect(readNumber(text, mark)).toBe(number);
  });
});
