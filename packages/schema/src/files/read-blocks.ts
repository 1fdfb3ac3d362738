import { classLabels, type Contract } from "../define-contract.ts";
import { SepalError } from "../sepal-error.ts";
import { concatenated, forms, type ByteString } from "./bytes.ts";
import { checkCharset, countLines } from "./charset.ts";
import {
  MAX_RECORD_BYTES,
  type CsvLayout,
  type FileFormat,
  type FileText,
  type ScoringState,
} from "./file-format.ts";
import {
  checkWritable,
  decimalMark,
  MAX_HEAD_BYTES,
  readHead,
  readMark,
  writeHead,
  type ByHand,
} from "./file-head.ts";
import { RecordSplitter, RecordTooLong, type RecordBlock } from "./record-splitter.ts";
import { badRow } from "./scored-rows.ts";
import type { BlockTask } from "./block-rows.ts";

/** Records of a file with what stands before them in the result. */
export interface FileBlock {
  readonly task: Omit<BlockTask, "strict">;
  /** What stands before the first record, the header of the result included; empty but for the first block. */
  readonly head: ByteString;
  /** Whether a CSV file has a header. */
  readonly hasHeader: boolean;
  /** Records of this block. */
  readonly rows: number;
  /** Behind this block. */
  readonly state: ScoringState;
}

interface ReadOptions extends FileText {
  readonly format: FileFormat;
  readonly contract: Contract;
  /** Most records a block. */
  readonly chunkRows: number;
  /** Most columns of a CSV file, and keys of a JSON line. */
  readonly maxColumns: number;
  readonly resume?: ScoringState | undefined;
  /** Columns are chosen by hand; otherwise the header has to name every feature. */
  readonly byHand?: ByHand | undefined;
}

/** Bytes from which on a block is full whatever its records: scoring it takes some 20 ms, and then another file has the thread. */
const BLOCK_BYTES = 262_144;

/** Cells of a CSV block; the rows of a wide file are few a block, also where they are short and are filled up. */
const BLOCK_CELLS = 100_000;

const NO_RECORDS: RecordBlock = {
  bytes: new Uint8Array(0),
  bounds: new Uint32Array(0),
  lines: 0,
};

/** The records of a block. */
export function* recordsOf({ bytes, bounds }: RecordBlock): Generator<ByteString, void, void> {
  for (let index = 0; index < bounds.length; index += 2) {
    yield forms.byteString(bytes.subarray(bounds[index], bounds[index + 1]));
  }
}

function tooLong(row: number): SepalError {
  const msg = `The row is longer than ${MAX_RECORD_BYTES} bytes; perhaps a quote is not closed`;
  return badRow(row, [{ column: undefined, type: "string_too_long", msg, input: null }]);
}

/** What was read of a header; its decimal mark shows in the records behind it. */
type Header = NonNullable<ReturnType<typeof readHead>>;

/** Cuts a file into blocks; the state of one run. */
class BlockReader {
  readonly #options: ReadOptions;
  #splitter: RecordSplitter | undefined;
  #header: Header | undefined;
  #layout: CsvLayout | undefined;
  #rows: number;
  #lines: number;
  #inputBytes: number;
  /** The file's beginning while its header is not whole, and from which length on it is looked for again. */
  #begun: Uint8Array[] = [];
  #begunBytes = 0;
  #tryAt = 4;
  /** What stands before the header, and what between it and the first record. */
  #before = "";
  #between = "";
  #hasBegun: boolean;

  constructor(options: ReadOptions) {
    const { resume } = options;
    this.#options = options;
    this.#layout = resume?.layout ?? undefined;
    this.#rows = resume?.rows ?? 0;
    this.#lines = resume?.lines ?? 0;
    this.#inputBytes = resume?.inputBytes ?? 0;
    this.#hasBegun = resume !== undefined;
    if (resume !== undefined) this.#splitter = new RecordSplitter(this.#layout?.delimiter ?? "");
  }

  push(bytes: Uint8Array): void {
    if (this.#splitter !== undefined) return this.#splitter.push(bytes);
    this.#begun.push(bytes);
    this.#begunBytes += bytes.length;
    if (this.#begunBytes >= this.#tryAt) this.#open(false);
  }

  /** The blocks that are full; at the end of the file all. */
  *blocks(end: boolean): Generator<FileBlock, void, void> {
    if (end && this.#splitter === undefined) this.#open(true);
    if (this.#splitter === undefined) {
      if (end) throw new SepalError("malformed_body", "the file is empty");
      return;
    }
    const limits = { rows: this.#blockRows(), bytes: BLOCK_BYTES };
    const { charset } = this.#options;
    for (;;) {
      const block = this.#next(this.#splitter, limits, end);
      if (block === undefined) break;
      checkCharset(block.bytes, charset, { lines: this.#lines, offset: this.#inputBytes });
      this.#inputBytes += block.bytes.length;
      this.#lines += block.lines;
      if (block.bounds.length > 0 || this.#hasBegun) yield this.#give(block);
      else this.#hold(block);
    }
    if (!end || this.#hasBegun) return;
    if (this.#header === undefined) throw new SepalError("malformed_body", "the file is empty");
    // A header without rows is a good file, and so is its result.
    yield this.#give(NO_RECORDS);
  }

  #blockRows(): number {
    const columns = this.#layout?.columns ?? this.#header?.layout.columns;
    const wide = Math.ceil(BLOCK_CELLS / (columns?.length ?? 1));
    return Math.min(this.#options.chunkRows, wide);
  }

  #next(splitter: RecordSplitter, limits: { rows: number; bytes: number }, end: boolean) {
    try {
      return splitter.next(limits, end);
    } catch (error) {
      if (!(error instanceof RecordTooLong)) throw error;
      throw tooLong(this.#rows + error.records + 1);
    }
  }

  /** Keeps blank lines before the first record: a file that has none is empty. */
  #hold({ bytes }: RecordBlock): void {
    this.#between += forms.byteString(bytes);
    if (this.#between.length <= MAX_HEAD_BYTES) return;
    const message = `the file has more than ${MAX_HEAD_BYTES} bytes of blank lines before its first row`;
    throw new SepalError("malformed_body", message);
  }

  /** The result up to its first record; decides about the decimal mark by the first block. */
  #begin(block: RecordBlock): ByteString {
    this.#hasBegun = true;
    if (this.#header === undefined) return this.#before + this.#between;
    const { contract, charset, spreadsheet } = this.#options;
    const { layout, record, isHeader } = this.#header;
    const decimal = decimalMark(recordsOf(block), layout, contract);
    this.#layout = { ...layout, decimal };
    checkWritable(classLabels(contract), charset);
    if (!isHeader) return this.#before + this.#between;
    const form = { charset, spreadsheet, decimal, delimiter: layout.delimiter };
    const head = writeHead(record, layout.columns, form, contract);
    return this.#before + head + this.#between;
  }

  #give(block: RecordBlock): FileBlock {
    const rows = block.bounds.length / 2;
    const head = this.#hasBegun ? "" : this.#begin(block);
    const { format, maxColumns, charset, spreadsheet } = this.#options;
    const layout = this.#layout;
    const firstRow = this.#rows + 1;
    this.#rows += rows;
    return {
      task: { block, layout, charset, spreadsheet, firstRow, maxColumns },
      head,
      hasHeader: this.#header?.isHeader ?? false,
      rows,
      state: {
        format,
        layout: layout ?? null,
        lines: this.#lines,
        rows: this.#rows,
        inputBytes: this.#inputBytes,
      },
    };
  }

  /** Begins with the records once the header is known. */
  #open(end: boolean): void {
    const { format, charset } = this.#options;
    const begun = concatenated(this.#begun);
    this.#begun = [begun];
    let start = readMark(begun, charset);
    if (format === "csv") {
      const header = readHead(begun.subarray(start), end, this.#options);
      // Twice the length, so that a header in many small pieces is not read over and over.
      this.#tryAt = 2 * begun.length;
      if (header === undefined) return;
      this.#header = header;
      start += header.before;
    }
    this.#before = forms.byteString(begun.subarray(0, start));
    if (this.#header?.isHeader === true) start += this.#header.record.length;
    this.#inputBytes = start;
    this.#lines = countLines(begun.subarray(0, start));
    this.#splitter = new RecordSplitter(this.#header?.layout.delimiter ?? "");
    this.#splitter.push(begun.subarray(start));
    this.#begun = [];
  }
}

/** Reads a file as blocks of whole records, in the order of the file. */
export async function* readBlocks(
  input: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): AsyncGenerator<FileBlock, void, void> {
  const reader = new BlockReader(options);
  for await (const bytes of input) {
    reader.push(bytes);
    yield* reader.blocks(false);
  }
  yield* reader.blocks(true);
}
