import type { Contract } from "../define-contract.ts";
import { matchHeadings, type HeadingMatch } from "../headings.ts";
import type { Charset } from "../predict-file.ts";
import { resultColumnsBeside } from "../result-columns.ts";
import { SepalError } from "../sepal-error.ts";
import { MAX_ENTRIES, preview, type DetailEntry } from "../validation-detail.ts";
import { forms, type ByteString } from "./bytes.ts";
import { canEncode, checkCharset, decode } from "./charset.ts";
import {
  cellValue,
  isNumber,
  keepCell,
  splitCells,
  writeCell,
  type CellForm,
  type DecimalMark,
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

/** A first row, read by the delimiter that fits it best. */
interface FirstRow {
  readonly delimiter: string;
  readonly columns: readonly string[];
  readonly match: HeadingMatch;
  /** Features that the headings name. */
  readonly found: number;
  /** Cells that are numbers. */
  readonly numbers: number;
}

/** Reads a first row: the delimiter is the one by which most features are found; where none is, most numbers. */
function readFirstRow(
  record: ByteString,
  charset: Charset,
  { features }: Contract,
  maxColumns: number,
): FirstRow {
  const [best] = DELIMITERS.split("")
    .map((delimiter): FirstRow => {
      const columns = splitCells(record, delimiter).cells.map((cell) =>
        decode(cellValue(cell), charset).trim(),
      );
      // Matching compares headings with features: of too many columns it would take long.
      const read = columns.length > maxColumns ? [] : columns;
      const match = matchHeadings(read, features, "header");
      const found = match.places.filter((place) => place !== -1).length;
      const isNumeric = (cell: string) =>
        isNumber(cell, ".") || (delimiter !== "," && isNumber(cell, ","));
      return { delimiter, columns, match, found, numbers: columns.filter(isNumeric).length };
    })
    .toSorted(
      (a, b) =>
        b.found - a.found ||
        (a.found === 0 ? b.numbers - a.numbers : 0) ||
        b.columns.length - a.columns.length,
    );
  if (best === undefined) throw new SepalError("internal", "no delimiters");
  return best;
}

/** Whether a first row holds names: that of a feature, or letters and no number. */
function looksLikeHeader({ columns, found, numbers }: FirstRow): boolean {
  return found > 0 || (numbers === 0 && columns.some((cell) => /\p{L}/u.test(cell)));
}

/** A header that the caller completes: a file may also have none. */
export interface ByHand {
  /** Whether the first row is a header; as it looks when absent. */
  readonly header?: boolean | undefined;
}

/**
 * What a first row says of its file.
 *
 * Fails with `invalid_input` when there are more than `maxColumns`, and, unless the columns are chosen by hand, when a
 * feature has no column, or two.
 */
function readHeader(
  record: ByteString,
  { charset, contract, maxColumns, byHand }: HeadOptions,
): Pick<CsvHead, "layout" | "isHeader"> {
  const row = readFirstRow(record, charset, contract, maxColumns);
  const { delimiter, columns, match } = row;
  const input = preview(columns.slice(0, 200).join(","));
  if (columns.length > maxColumns) {
    const msg = `The header has ${columns.length} columns; at most ${maxColumns} are allowed (MAX_COLUMNS)`;
    throw headerFailure([{ type: "too_long", loc: ["body", "header"], msg, input }]);
  }
  if (byHand !== undefined) {
    const isHeader = byHand.header ?? looksLikeHeader(row);
    const { features } = contract;
    const layout = isHeader
      ? { delimiter, columns, places: match.places }
      : {
          delimiter,
          columns: columns.map((_, index) => `Column ${index + 1}`),
          places: features.map((_, index) => (index < columns.length ? index : -1)),
        };
    return { layout, isHeader };
  }
  if (match.faults.length > 0) {
    const entries = match.faults.map(({ feature, type, msg }) => {
      return { type, loc: ["body", "header", feature], msg, input };
    });
    throw headerFailure(entries);
  }
  return { layout: { delimiter, columns }, isHeader: true };
}

/**
 * The decimal mark of a file's numbers: that of the first feature with a fraction in these records; a point where none
 * has one, or where commas stand between the cells.
 */
export function decimalMark(
  records: Iterable<ByteString>,
  { delimiter, columns, places }: Omit<CsvLayout, "decimal">,
  { features }: Contract,
): DecimalMark {
  if (delimiter === ",") return ".";
  const found = places ?? matchHeadings(columns, features, "header").places;
  for (const record of records) {
    const { cells } = splitCells(record, delimiter);
    for (const [index, place] of found.entries()) {
      if (features[index]?.type !== "number") continue;
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

/** The first row of a CSV file, read. */
interface CsvHead {
  readonly layout: Omit<CsvLayout, "decimal">;
  /** Whether it is a header; else it is the first of the records. */
  readonly isHeader: boolean;
  /** It as it stands in the file, without its line end. */
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
  /** Columns are chosen by hand; otherwise the header has to name every feature. */
  readonly byHand?: ByHand | undefined;
}

/** Reads the header off the beginning of a file; absent when it needs more bytes. */
export function readHead(
  bytes: Uint8Array,
  end: boolean,
  options: HeadOptions,
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
    checkCharset(block.bytes.subarray(0, to), options.charset, { lines: 0, offset: before });
    const record = forms.byteString(block.bytes.subarray(from, to));
    return { ...readHeader(record, options), record, before: before + from };
  }
}

/** Fails with `invalid_input` where a charset cannot write one of the texts. */
export function checkWritable(texts: readonly string[], charset: Charset): void {
  const unwritable = texts.find((text) => !canEncode(text, charset));
  if (unwritable === undefined) return;
  const msg = `${charset} cannot write "${unwritable}"; send the file as UTF-8`;
  const entries = [{ type: "value_error", loc: ["query", "charset"], msg, input: charset }];
  throw new SepalError("invalid_input", msg, { validation: { entries, total: 1 } });
}

/** The header of the result: that of the file, as it stands, and the names of the results. */
export function writeHead(
  record: ByteString,
  columns: readonly string[],
  form: CellForm,
  contract: Contract,
): ByteString {
  const names = resultColumnsBeside(columns, contract);
  checkWritable(names, form.charset);
  const kept = form.spreadsheet
    ? splitCells(record, form.delimiter).cells.map((cell) => keepCell(cell, form))
    : [record];
  return [...kept, ...names.map((name) => writeCell(name, form))].join(form.delimiter);
}
