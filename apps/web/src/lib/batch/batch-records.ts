import type { Contract } from "@sepal/schema/define-contract";
import { concatenated, forms, type ByteString } from "@sepal/schema/files/bytes";
import { checkCharset, decode } from "@sepal/schema/files/charset";
import { cellValue, splitCells } from "@sepal/schema/files/csv-cells";
import { DEFAULT_MAX_COLUMNS, type CsvLayout } from "@sepal/schema/files/file-format";
import { readMark } from "@sepal/schema/files/file-head";
import { readBlocks, recordsOf } from "@sepal/schema/files/read-blocks";
import type { RecordBlock } from "@sepal/schema/files/record-splitter";
import { matchHeadings } from "@sepal/schema/headings";
import { DEFAULT_BATCH_SIZE } from "@sepal/schema/limits";
import type { Charset } from "@sepal/schema/predict-file";
import { arrayBlocks } from "./array-blocks.ts";
import { openSource } from "./open-source.ts";
import type { TableFormat, TableShape } from "./protocol.ts";

/** Most rows of one table: what a table of 36 px a row can still scroll through in every browser. */
const MAX_ROWS = 400_000;

/** Bytes from which on a block of a JSON array is full. */
const BLOCK_BYTES = 262_144;

/** Some records of a table, as they stand in it. */
interface HeldBlock {
  readonly block: RecordBlock;
  /** Number of the first row; the table's first is 1. */
  readonly firstRow: number;
}

/** What a person says of a file. */
export interface ReadAs {
  readonly charset: Charset;
  /** Whether the first row holds names; as it looks when absent. */
  readonly hasHeader?: boolean | undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A value of JSON as text. */
function valueText(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The records of a table, as bytes. */
export class BatchRecords {
  readonly contract: Contract;
  readonly format: TableFormat;
  readonly charset: Charset;
  /** What stands before the first record in the result. */
  head: ByteString = "";
  layout: CsvLayout | undefined;
  hasHeader = true;
  /** Headings of CSV, or keys of the first objects; empty where rows are lists. */
  columns: readonly string[] = [];
  /** Whether some of the first rows of JSON have their features in a list. */
  hasLists = false;
  readonly blocks: HeldBlock[] = [];
  rows = 0;

  constructor(contract: Contract, format: TableFormat, charset: Charset) {
    this.contract = contract;
    this.format = format;
    this.charset = charset;
  }

  /** How the table is written. */
  get shape(): TableShape {
    const { format, charset, layout } = this;
    return {
      format,
      charset,
      delimiter: layout?.delimiter ?? "",
      decimalComma: layout?.decimal === ",",
    };
  }

  /** Adds records; throws when there are too many. */
  add(block: RecordBlock): void {
    this.blocks.push({ block, firstRow: this.rows + 1 });
    this.rows += block.bounds.length / 2;
    if (this.rows > MAX_ROWS) {
      throw new RangeError(
        `The table has more than ${MAX_ROWS.toLocaleString("en")} rows: split it, or send it to /predict-file.`,
      );
    }
    if (this.blocks.length === 1 && this.format !== "csv") this.#findKeys(block);
  }

  /** The keys that stand in the first records, unless they have their features in a list. */
  #findKeys(block: RecordBlock): void {
    const keys = new Set<string>();
    for (const record of recordsOf(block)) {
      const row = parsed(decode(record, this.charset));
      if (Array.isArray(row) || (isObject(row) && Object.hasOwn(row, "features"))) {
        this.hasLists = true;
        continue;
      }
      if (!isObject(row)) continue;
      for (const key of Object.keys(row)) if (keys.size < DEFAULT_MAX_COLUMNS) keys.add(key);
    }
    this.columns = [...keys];
  }

  /** A row as it stands in the file; the first is 0. */
  record(row: number): ByteString {
    const { blocks } = this;
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((blocks[middle]?.firstRow ?? 0) <= row + 1) low = middle;
      else high = middle - 1;
    }
    const held = blocks[low];
    if (held === undefined) return "";
    const { bytes, bounds } = held.block;
    const index = 2 * (row + 1 - held.firstRow);
    return forms.byteString(bytes.subarray(bounds[index], bounds[index + 1]));
  }

  /** Text of some columns of a row, whatever features are read from them. */
  columnCells(row: number, columns: readonly number[]): string[] {
    if (this.layout !== undefined) return this.cells(row, columns);
    const value = parsed(decode(this.record(row), this.charset));
    return columns.map((column) => {
      const key = this.columns[column] ?? "";
      return isObject(value) && Object.hasOwn(value, key) ? valueText(Reflect.get(value, key)) : "";
    });
  }

  /** Text of the cells that a row's features are read from, in the features' order. */
  cells(row: number, mapping: readonly (number | null)[]): string[] {
    const record = this.record(row);
    if (this.layout !== undefined) {
      const { cells } = splitCells(record, this.layout.delimiter);
      return mapping.map((column) =>
        decode(cellValue(cells[column ?? -1] ?? ""), this.charset).trim(),
      );
    }
    const value = parsed(decode(record, this.charset));
    const list: unknown = isObject(value) ? Reflect.get(value, "features") : value;
    if (Array.isArray(list)) return mapping.map((_, index) => valueText(list[index]));
    if (!isObject(value)) return mapping.map(() => "");
    const { places } = matchHeadings(Object.keys(value), this.contract.features, "row");
    const values = Object.values(value);
    return mapping.map((column, index) => {
      const key = column === null ? undefined : this.columns[column];
      const byName = key !== undefined && Object.hasOwn(value, key);
      return valueText(byName ? Reflect.get(value, key) : values[places[index] ?? -1]);
    });
  }
}

/** Rows that show what a column holds. */
const SAMPLE_ROWS = 5;

/** Longest cell of a sample, in characters. */
const SAMPLE_CELL = 40;

/** The first cells of each column. */
export function columnSamples(records: BatchRecords): string[][] {
  const every = records.columns.map((_, column) => column);
  const rows = Array.from({ length: Math.min(SAMPLE_ROWS, records.rows) }, (_, row) =>
    records.columnCells(row, every),
  );
  return every.map((column) => rows.map((cells) => (cells[column] ?? "").slice(0, SAMPLE_CELL)));
}

async function* elementsOf(
  bytes: AsyncIterable<Uint8Array>,
  records: BatchRecords,
): AsyncGenerator<RecordBlock> {
  const { charset } = records;
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  const whole = concatenated(pieces);
  const start = readMark(whole, charset);
  checkCharset(whole, charset, { lines: 0, offset: 0 });
  yield* arrayBlocks(whole, start, { rows: DEFAULT_BATCH_SIZE, bytes: BLOCK_BYTES });
}

async function* blocksOf(
  bytes: AsyncIterable<Uint8Array>,
  format: "csv" | "ndjson",
  records: BatchRecords,
  hasHeader: boolean | undefined,
): AsyncGenerator<RecordBlock> {
  const { contract, charset } = records;
  for await (const { task, head, hasHeader: found } of readBlocks(bytes, {
    format,
    charset,
    contract,
    spreadsheet: false,
    chunkRows: DEFAULT_BATCH_SIZE,
    maxColumns: DEFAULT_MAX_COLUMNS,
    byHand: { header: hasHeader },
  })) {
    if (records.blocks.length === 0) {
      records.head = head;
      records.layout = task.layout;
      records.columns = task.layout?.columns ?? [];
      records.hasHeader = found;
    }
    yield task.block;
  }
}

/** Reads a file; gives its records each time that some were added. Fails with a `SepalError` that names line and byte where it is no table. */
export async function* readRecords(
  contract: Contract,
  source: Blob,
  { charset, hasHeader }: ReadAs,
): AsyncGenerator<BatchRecords> {
  const { format, bytes } = await openSource(source);
  const records = new BatchRecords(contract, format, charset);
  const blocks =
    format === "json" ? elementsOf(bytes, records) : blocksOf(bytes, format, records, hasHeader);
  for await (const block of blocks) {
    records.add(block);
    yield records;
  }
}
