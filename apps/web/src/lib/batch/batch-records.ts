import type { Contract } from "@sepal/schema/define-contract";
import { CsvReader } from "./csv-reader.ts";
import { columnNames, looksLikeHeader } from "./match-columns.ts";
import { NdjsonReader, type JsonRow } from "./ndjson-reader.ts";
import { readCell } from "./read-cell.ts";
import { guessShape, unifyLineBreaks, type TableShape } from "./table-shape.ts";

/** Most rows of one table: what a table of 36 px a row can still scroll through in every browser. */
const MAX_ROWS = 400_000;

/** One row as read: cells of text (CSV) or values (NDJSON). */
export interface TableRecord {
  readonly cells: readonly unknown[];
  readonly problem: string | null;
}

function ragged(cells: number, width: number): string | null {
  return cells === width ? null : `The row has ${cells} cells where ${width} belong`;
}

/** Collects the records of a table from slices of its text. */
export class BatchRecords {
  readonly #contract: Contract;
  readonly #reader: CsvReader | NdjsonReader;
  readonly shape: TableShape;
  readonly records: TableRecord[] = [];
  hasHeader = false;
  #columns: string[] = [];

  /** `head` is the first slice: the shape is guessed from it. */
  constructor(contract: Contract, head: string) {
    this.#contract = contract;
    this.shape = guessShape(unifyLineBreaks(head).slice(0, 65_536));
    this.#reader =
      this.shape.format === "csv" ? new CsvReader(this.shape.delimiter) : new NdjsonReader();
  }

  /** Names of the columns, in their order. */
  get columns(): readonly string[] {
    if (this.shape.format === "ndjson") return this.#columns;
    const cells = this.records[0]?.cells.map(String) ?? [];
    return columnNames(cells, this.hasHeader);
  }

  /** Rows without the header. */
  get rows(): number {
    return Math.max(0, this.records.length - (this.hasHeader ? 1 : 0));
  }

  /** Row `index`, the header not counted. */
  row(index: number): TableRecord | undefined {
    return this.records[index + (this.hasHeader ? 1 : 0)];
  }

  /** What a cell stands for. */
  value(cell: unknown): unknown {
    const { format, decimalComma } = this.shape;
    return format === "csv" && typeof cell === "string" ? readCell(cell, decimalComma) : cell;
  }

  /** Takes a slice of the text (line breaks unified); throws when there are too many rows. */
  push(slice: string): void {
    this.#add(this.#reader.push(slice));
  }

  /** Takes what is left at the end of the text. */
  end(): void {
    this.#add(this.#reader.end());
  }

  #add(rows: ReturnType<CsvReader["push"]> | JsonRow[]): void {
    for (const row of rows) this.records.push("kind" in row ? this.#json(row) : this.#csv(row));
    if (this.records.length > MAX_ROWS + 1) {
      throw new RangeError(
        `The table has more than ${MAX_ROWS.toLocaleString("en")} rows: split it, or send it to /predict-file.`,
      );
    }
  }

  #csv({ cells, problem }: { readonly cells: readonly string[]; readonly problem: string | null }) {
    const first = this.records[0];
    if (first === undefined) {
      const isNumber = (cell: string) =>
        typeof readCell(cell, this.shape.decimalComma) === "number";
      this.hasHeader = looksLikeHeader(cells, isNumber);
      return { cells, problem };
    }
    const width = first.cells.length;
    const end = cells.findLastIndex((cell) => cell !== "") + 1;
    // Spreadsheets end rows with separators of columns that are empty.
    const own = cells.length > width ? cells.slice(0, Math.max(width, end)) : cells;
    return { cells: own, problem: problem ?? ragged(own.length, width) };
  }

  #json(row: JsonRow): TableRecord {
    if (row.kind === "bad") return { cells: [row.text], problem: row.problem };
    const names = this.#contract.features.map(({ name }) => name);
    if (row.kind === "ordered") {
      if (this.#columns.length === 0) this.#columns = names;
      return { cells: row.values, problem: ragged(row.values.length, names.length) };
    }
    const cells: unknown[] = [];
    for (const [key, value] of Object.entries(row.values)) {
      let column = this.#columns.indexOf(key);
      if (column === -1) column = this.#columns.push(key) - 1;
      cells[column] = value;
    }
    return { cells: Array.from(cells), problem: null };
  }
}
