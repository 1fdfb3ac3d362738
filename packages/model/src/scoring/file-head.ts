import type { Contract } from "@sepal/schema/define-contract";
import { inputColumns, resultColumns } from "@sepal/schema/result-columns";
import { SepalError } from "@sepal/schema/sepal-error";
import { csvCell, splitCells } from "./csv-cells.ts";
import { MAX_RECORD_BYTES, type CsvLayout } from "./file-format.ts";
import { RecordSplitter, RecordTooLong } from "./record-splitter.ts";
import { type DetailEntry, MAX_ENTRIES, preview } from "@sepal/schema/validation-detail";
import { firstOf } from "./scored-rows.ts";

/** What may stand between the cells of a file; of two that fit equally well the first. */
const DELIMITERS = ",;\t|";

/** How often each of the names is a column. */
function countColumns(names: readonly string[], columns: readonly string[]): Map<string, number> {
  const counts = new Map(names.map((name) => [name, 0]));
  for (const column of columns) {
    const count = counts.get(column);
    if (count !== undefined) counts.set(column, count + 1);
  }
  return counts;
}

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
  record: string,
  newline: string,
  { features }: Contract,
  maxColumns: number,
): CsvLayout {
  const names = features.map(({ name }) => name);
  const [best] = DELIMITERS.split("")
    .map((delimiter) => {
      const columns = splitCells(record, delimiter).cells.map((name) => name.trim());
      const counts = countColumns(names, columns);
      const found = names.filter((name) => counts.get(name) !== 0).length;
      return { delimiter, columns, counts, found };
    })
    .toSorted((a, b) => b.found - a.found || b.columns.length - a.columns.length);
  const { delimiter = ",", columns = [], counts } = best ?? {};
  const input = preview(columns.slice(0, 200).join(","));
  if (columns.length > maxColumns) {
    const msg = `The header has ${columns.length} columns; at most ${maxColumns} are allowed (MAX_COLUMNS)`;
    throw headerFailure([{ type: "too_long", loc: ["body", "header"], msg, input }]);
  }
  const entries = names.flatMap((name) => {
    const count = counts?.get(name) ?? 0;
    if (count === 1) return [];
    const loc = ["body", "header", name];
    return count === 0
      ? [{ type: "missing", loc, msg: `The header has no column ${name}`, input }]
      : [{ type: "value_error", loc, msg: `The header has ${count} columns ${name}`, input }];
  });
  if (entries.length > 0) throw headerFailure(entries);
  return { delimiter, newline, columns };
}

const ONE_RECORD = { rows: 1, bytes: Infinity };

/** Bytes in which the header has to end, blank lines before it included. */
const MAX_HEAD_BYTES = 2 * MAX_RECORD_BYTES;

/** Fails with `malformed_body` where bytes begin as UTF-16 does; gives the length of a byte order mark. */
export function readMark(bytes: Uint8Array): number {
  const [first, second, third] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new SepalError("malformed_body", "the file is UTF-16; it should be UTF-8");
  }
  return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
}

/** The header of a CSV file, read. */
interface CsvHead {
  readonly layout: CsvLayout;
  /** Bytes of the header with its line end. */
  readonly length: number;
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

/** Reads the header off the beginning of a file; absent when it needs more bytes. */
export function readHead(
  bytes: Uint8Array,
  end: boolean,
  contract: Contract,
  maxColumns: number,
): CsvHead | undefined {
  const splitter = new RecordSplitter(DELIMITERS);
  splitter.push(bytes);
  let length = 0;
  for (;;) {
    const block = nextLine(splitter, end);
    if (block === undefined && bytes.length > MAX_HEAD_BYTES) throw tooLong();
    if (block === undefined) return undefined;
    const [from, to] = block.bounds;
    length += block.bytes.length;
    if (from === undefined || to === undefined) continue;
    const crlf = block.bytes[to] === 0x0d;
    // The line feed of this line end has to be known, for the header takes it along.
    if (crlf && length === bytes.length && !end) return undefined;
    const feed = crlf && bytes[length] === 0x0a ? 1 : 0;
    const record = Buffer.from(block.bytes.buffer).toString("utf8", from, to);
    const layout = readHeader(record, feed === 1 ? "\r\n" : "\n", contract, maxColumns);
    return { layout, length: length + feed };
  }
}

/** The header of the result. */
export function writeHead({ delimiter, newline, columns }: CsvLayout, contract: Contract): string {
  const names = [...inputColumns(columns, contract), ...resultColumns(contract)];
  return names.map((name) => csvCell(name, delimiter)).join(delimiter) + newline;
}
