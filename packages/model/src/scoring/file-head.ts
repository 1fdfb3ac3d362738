import type { Contract } from "@sepal/schema/define-contract";
import { inputColumns, resultColumns } from "@sepal/schema/result-columns";
import { SepalError } from "@sepal/schema/sepal-error";
import { csvCell } from "./csv-cells.ts";
import { DELIMITERS, readHeader } from "./csv-header.ts";
import { MAX_RECORD_BYTES, type CsvLayout } from "./file-format.ts";
import { RecordSplitter, RecordTooLong } from "./record-splitter.ts";

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
