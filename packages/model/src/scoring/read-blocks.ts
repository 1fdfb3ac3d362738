import type { Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";
import {
  type CsvLayout,
  type FileFormat,
  MAX_RECORD_BYTES,
  type ScoringState,
} from "./file-format.ts";
import { readHead, readMark, writeHead } from "./file-head.ts";
import { RecordSplitter, RecordTooLong, type RecordBlock } from "./record-splitter.ts";
import { badRow } from "./scored-rows.ts";
import type { BlockTask } from "./score-block.ts";

/** Records of a file with what stands before them in the result. */
export interface FileBlock {
  readonly task: Omit<BlockTask, "strict">;
  /** Header of the result; empty but for the first block of a CSV file. */
  readonly head: string;
  /** Records of this block. */
  readonly rows: number;
  /** Behind this block. */
  readonly state: ScoringState;
}

interface ReadOptions {
  readonly format: FileFormat;
  readonly contract: Contract;
  /** Most records a block. */
  readonly chunkRows: number;
  /** Most columns of a CSV file, and keys of a JSON line. */
  readonly maxColumns: number;
  readonly resume: ScoringState | undefined;
}

/** Bytes from which on a block is full whatever its records: scoring it takes some 20 ms, and then another file has the thread. */
const BLOCK_BYTES = 262_144;

/** Cells of a CSV block; the rows of a wide file are few a block, also where they are short and are filled up. */
const BLOCK_CELLS = 100_000;

const NO_RECORDS: RecordBlock = { bytes: new Uint8Array(0), bounds: new Uint32Array(0) };

function tooLong(row: number): SepalError {
  const msg = `The row is longer than ${MAX_RECORD_BYTES} bytes; perhaps a quote is not closed`;
  return badRow(row, [{ column: undefined, type: "string_too_long", msg, input: null }]);
}

/** Cuts a file into blocks; the state of one run. */
class BlockReader {
  readonly #options: ReadOptions;
  #splitter: RecordSplitter | undefined;
  #layout: CsvLayout | undefined;
  #head = "";
  #rows: number;
  #inputBytes: number;
  /** The file's beginning while its header is not whole, and from which length on it is looked for again. */
  #begun: Uint8Array[] = [];
  #begunBytes = 0;
  #tryAt = 3;

  constructor(options: ReadOptions) {
    const { resume } = options;
    this.#options = options;
    this.#layout = resume?.layout ?? undefined;
    this.#rows = resume?.rows ?? 0;
    this.#inputBytes = resume?.inputBytes ?? 0;
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
    for (;;) {
      const block = this.#next(this.#splitter, limits, end);
      if (block === undefined) break;
      this.#inputBytes += block.bytes.length;
      if (block.bounds.length > 0) yield this.#give(block);
    }
    if (!end || this.#rows > 0) return;
    if (this.#layout === undefined) throw new SepalError("malformed_body", "the file is empty");
    // A header without rows is a good file, and so is its result.
    if (this.#head !== "") yield this.#give(NO_RECORDS);
  }

  #blockRows(): number {
    const wide = Math.ceil(BLOCK_CELLS / (this.#layout?.columns.length ?? 1));
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

  #give(block: RecordBlock): FileBlock {
    const rows = block.bounds.length / 2;
    const head = this.#head;
    this.#head = "";
    const { maxColumns } = this.#options;
    const task = { block, layout: this.#layout, firstRow: this.#rows + 1, maxColumns };
    this.#rows += rows;
    const state = {
      format: this.#options.format,
      layout: this.#layout ?? null,
      rows: this.#rows,
      inputBytes: this.#inputBytes,
    };
    return { task, head, rows, state };
  }

  /** Begins with the records once the header is known. */
  #open(end: boolean): void {
    const { format, contract, maxColumns } = this.#options;
    const begun = Buffer.concat(this.#begun);
    this.#begun = [begun];
    let start = readMark(begun);
    if (format === "csv") {
      const head = readHead(begun.subarray(start), end, contract, maxColumns);
      // Twice the length, so that a header in many small pieces is not read over and over.
      this.#tryAt = 2 * begun.length;
      if (head === undefined) return;
      this.#layout = head.layout;
      this.#head = writeHead(head.layout, contract);
      start += head.length;
    }
    this.#inputBytes = start;
    this.#splitter = new RecordSplitter(this.#layout?.delimiter ?? "");
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
