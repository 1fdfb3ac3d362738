import type { Contract } from "@sepal/schema/define-contract";
import type { Charset } from "@sepal/schema/predict-file";
import { resultColumnsBeside } from "@sepal/schema/result-columns";
import { SepalError } from "@sepal/schema/sepal-error";
import { matchHeadings } from "@sepal/schema/headings";
import { type DetailEntry, MAX_ENTRIES, preview } from "@sepal/schema/validation-detail";
import { type ByteString, canEncode, checkCharset, decode } from "./charset.ts";
import {
  type CellForm,
  cellValue,
  type DecimalMark,
  isNumber,
  keepCell,
  splitCells,
  writeCell,
} from "./csv-cells.ts";
import { MAX_RECORD_BYTES, type CsvLayout } from "./file-format.ts";
import { RecordSplitter, RecordTooLong } from "./record-splitter.ts";
import { firstOf } from "./scored-rows.ts";

/** What may stand between the cells of a file; of two that fit equally well the first. */
const DELIMITERS = ",;\t|";

function headerFailure(entries: readonly DetailEntry[]): SepalError {
  const message = firstOf(
    entries.map(({ msg }) => msg),
    "; ",
  );
  const validation = { entries: entries.slice(0, MAX_ENTRIES), total: entries.length };
  return new SepalError("invalid_input", message, { validation });
}

/**
 * Reads the header: the delimiter is the one by which most features are found.
 *
 * Fails with `invalid_input` when a feature has no column, or two, and when there are more than `maxColumns`.
 */
function readHeader(
  record: ByteString,
  charset: Charset,
  { features }: Contract,
  maxColumns: number,
): Omit<CsvLayout, "decimal"> {
  const [best] = DELIMITERS.split("")
    .map((delimiter) => {
      const columns = splitCells(record, delimiter).cells.map((cell) =>
        decode(cellValue(cell), charset).trim(),
      );
      // Matching compares headings with features: of too many columns it would take long.
      const read = columns.length > maxColumns ? [] : columns;
      const { places, faults } = matchHeadings(read, features, "header");
      return { delimiter, columns, faults, found: places.filter((place) => place !== -1).length };
    })
    .toSorted((a, b) => b.found - a.found || b.columns.length - a.columns.length);
  const { delimiter = ",", columns = [], faults = [] } = best ?? {};
  const input = preview(columns.slice(0, 200).join(","));
  if (columns.length > maxColumns) {
    const msg = `The header has ${columns.length} columns; at most ${maxColumns} are allowed (MAX_COLUMNS)`;
    throw headerFailure([{ type: "too_long", loc: ["body", "header"], msg, input }]);
  }
  if (faults.length > 0) {
    const entries = faults.map(({ feature, type, msg }) => {
      return { type, loc: ["body", "header", feature], msg, input };
    });
    throw headerFailure(entries);
  }
  return { delimiter, columns };
}

/**
 * The decimal mark of a file's numbers: that of the first feature with a fraction in these records; a point where none
 * has one, or where commas stand between the cells.
 */
export function decimalMark(
  records: Iterable<ByteString>,
  { delimiter, columns }: Omit<CsvLayout, "decimal">,
  { features }: Contract,
): DecimalMark {
  if (delimiter === ",") return ".";
  const { places } = matchHeadings(columns, features, "header");
  for (const record of records) {
    const { cells } = splitCells(record, delimiter);
    for (const place of places) {
      const value = cellValue(cells[place] ?? "");
      if (value.includes(".") && isNumber(value, ".")) return ".";
      if (value.includes(",") && isNumber(value, ",")) return ",";
    }
  }
  return ".";
}

const ONE_RECORD = { rows: 1, bytes: Infinity };

/** Bytes in which the header has to end, blank lines before it included. */
export const MAX_HEAD_BYTES = 2 * MAX_RECORD_BYTES;

const MARKS: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0xff, 0xfe], "the file is UTF-16; save it as UTF-8"],
  [[0xfe, 0xff], "the file is UTF-16; save it as UTF-8"],
  [[0x50, 0x4b, 0x03, 0x04], "the file is a workbook or a ZIP archive; save it as CSV UTF-8"],
  [[0xd0, 0xcf, 0x11, 0xe0], "the file is a workbook; save it as CSV UTF-8"],
];

/**
 * Length of the byte order mark that bytes begin with.
 *
 * Fails with `malformed_body` where they begin as UTF-16 or as a workbook does, and with `invalid_input` where the charset is
 * another than that of the mark.
 */
export function readMark(bytes: Uint8Array, charset: Charset): number {
  const begins = (mark: readonly number[]) => mark.every((byte, index) => bytes[index] === byte);
  for (const [mark, what] of MARKS) if (begins(mark)) throw new SepalError("malformed_body", what);
  if (!begins([0xef, 0xbb, 0xbf])) return 0;
  if (charset === "utf-8") return 3;
  const msg = "the file begins with the byte order mark of UTF-8; leave charset out";
  const entries = [{ type: "string_unicode", loc: ["body", "line", 1], msg, input: null }];
  throw new SepalError("invalid_input", msg, { validation: { entries, total: 1 } });
}

/** The header of a CSV file, read. */
interface CsvHead {
  readonly layout: Omit<CsvLayout, "decimal">;
  /** The header as it stands in the file, without its line end. */
  readonly record: ByteString;
  /** Bytes before it. */
  readonly before: number;
}

function tooLong(): SepalError {
  const msg = `The header is longer than ${MAX_RECORD_BYTES} bytes`;
  const entries = [{ type: "string_too_long", loc: ["body", "header"], msg, input: null }];
  return new SepalError("invalid_input", msg, { validation: { entries, total: 1 } });
}

function nextLine(splitter: RecordSplitter, end: boolean) {
  try {
    return splitter.next(ONE_RECORD, end);
  } catch (error) {
    throw error instanceof RecordTooLong ? tooLong() : error;
  }
}

interface HeadOptions {
  readonly charset: Charset;
  readonly contract: Contract;
  readonly maxColumns: number;
}

/** Reads the header off the beginning of a file; absent when it needs more bytes. */
export function readHead(
  bytes: Uint8Array,
  end: boolean,
  { charset, contract, maxColumns }: HeadOptions,
): CsvHead | undefined {
  const splitter = new RecordSplitter(DELIMITERS);
  splitter.push(bytes);
  let before = 0;
  for (;;) {
    const block = nextLine(splitter, end);
    if (block === undefined && bytes.length > MAX_HEAD_BYTES) throw tooLong();
    if (block === undefined) return undefined;
    const [from, to] = block.bounds;
    if (from === undefined || to === undefined) {
      before += block.bytes.length;
      continue;
    }
    checkCharset(block.bytes.subarray(0, to), charset, { lines: 0, offset: before });
    const record = Buffer.from(block.bytes.buffer).toString("latin1", from, to);
    return {
      layout: readHeader(record, charset, contract, maxColumns),
      record,
      before: before + from,
    };
  }
}

/**
 * The header of the result: that of the file, as it stands, and the names of the results.
 *
 * Fails with `invalid_input` where the charset cannot write a name or a label of the contract.
 */
export function writeHead(
  record: ByteString,
  columns: readonly string[],
  form: CellForm,
  contract: Contract,
): ByteString {
  const names = resultColumnsBeside(columns, contract);
  const unwritable = [...names, ...contract.classes].find((text) => !canEncode(text, form.charset));
  if (unwritable !== undefined) {
    const msg = `${form.charset} cannot write "${unwritable}"; send the file as UTF-8`;
    const entries = [{ type: "value_error", loc: ["query", "charset"], msg, input: form.charset }];
    throw new SepalError("invalid_input", msg, { validation: { entries, total: 1 } });
  }
  const kept = form.spreadsheet
    ? splitCells(record, form.delimiter).cells.map((cell) => keepCell(cell, form))
    : [record];
  return [...kept, ...names.map((name) => writeCell(name, form))].join(form.delimiter);
}
