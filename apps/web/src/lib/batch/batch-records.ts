import Papa from "papaparse";
import type { Contract } from "@sepal/schema/define-contract";
import { columnNames, looksLikeHeader } from "./match-columns.ts";
import type { TableShape } from "./protocol.ts";

const DELIMITERS = [",", ";", "\t", "|"];

/** A table's text without what spreadsheets put around it: every line break becomes `\n`. */
export function unifyLineBreaks(text: string): string {
  return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
}

/** Guesses the shape from the first lines of a text (line breaks unified). */
function guessShape(head: string): TableShape {
  const start = head.trimStart();
  if (start.startsWith("{") || start.startsWith("[")) {
    return { format: "ndjson", delimiter: "", decimalComma: false };
  }
  const { meta } = Papa.parse<string[]>(start, { preview: 20, delimitersToGuess: DELIMITERS });
  const delimiter = DELIMITERS.includes(meta.delimiter) ? meta.delimiter : ",";
  return { format: "csv", delimiter, decimalComma: delimiter !== "," };
}

// No two parts of it match the same digits: a long cell would take minutes.
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const DECIMAL_COMMA = /^[+-]?\d*,\d+(?:e[+-]?\d+)?$/i;
const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["infinity", Infinity],
  ["-inf", -Infinity],
  ["-infinity", -Infinity],
]);

/**
 * What a CSV cell stands for: a number where it reads as one, `undefined` where it is empty, else
 * its text, which no rule of a feature takes.
 */
export function readCell(cell: string, decimalComma: boolean): unknown {
  const text = cell.trim();
  if (text === "") return undefined;
  if (NUMBER.test(text)) return Number(text);
  if (decimalComma && DECIMAL_COMMA.test(text)) return Number(text.replace(",", "."));
  return NOT_FINITE.get(text.toLowerCase()) ?? text;
}

/** A row as it was read; `problem` says what is wrong with its text. */
interface CsvRow {
  readonly cells: readonly string[];
  readonly problem: string | null;
}

const PROBLEMS: Record<string, string> = {
  MissingQuotes: "A quote is opened and never closed",
  InvalidQuotes: "A quote stands in the middle of a cell",
};

/** Reads CSV slice by slice; rows may reach over any number of slices. */
export class CsvReader {
  readonly #delimiter: string;
  #rest = "";
  /** Length of the rest at which another attempt pays: a quote left open makes one row of the file. */
  #attemptAt = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** Takes the next slice (line breaks unified) and gives the rows that are complete with it. */
  push(slice: string): CsvRow[] {
    this.#rest += slice;
    return this.#rest.length < this.#attemptAt ? [] : this.#parse(false);
  }

  /** Gives the rows that are left at the end of the text. */
  end(): CsvRow[] {
    return this.#parse(true);
  }

  #parse(atEnd: boolean): CsvRow[] {
    const parser = new Papa.Parser({ delimiter: this.#delimiter, newline: "\n" });
    const { data, errors, meta }: Papa.ParseResult<string[]> = parser.parse(this.#rest, 0, !atEnd);
    this.#rest = atEnd ? "" : this.#rest.slice(meta.cursor);
    this.#attemptAt = this.#rest.length * 2;
    const problems = new Map(
      errors.map(({ row, code, message }) => [row, PROBLEMS[code] ?? message]),
    );
    const rows = data.map((cells, index) => ({ cells, problem: problems.get(index) ?? null }));
    return rows.filter(({ cells }) => cells.length > 1 || cells[0]?.trim() !== "");
  }
}

/** One line of NDJSON: named values, or values in the features' order. */
type JsonRow =
  | { readonly kind: "named"; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: "ordered"; readonly values: readonly unknown[] }
  | { readonly kind: "bad"; readonly text: string; readonly problem: string };

function readLine(text: string): JsonRow {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return { kind: "ordered", values: value };
    if (typeof value === "object" && value !== null) {
      const features: unknown = Reflect.get(value, "features");
      if (Array.isArray(features)) return { kind: "ordered", values: features };
      return { kind: "named", values: { ...value } };
    }
    return { kind: "bad", text, problem: "The line is neither an object nor a list" };
  } catch {
    return { kind: "bad", text, problem: "The line is not valid JSON" };
  }
}

/** Reads NDJSON slice by slice: a list, or an object with `features`, or one with named values, a line. */
class NdjsonReader {
  #rest = "";

  /** Takes the next slice (line breaks unified) and gives the lines that are complete with it. */
  push(slice: string): JsonRow[] {
    const lines = (this.#rest + slice).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "").map(readLine);
  }

  /** Gives the line that is left at the end of the text. */
  end(): JsonRow[] {
    const last = this.#rest;
    this.#rest = "";
    return last.trim() === "" ? [] : [readLine(last)];
  }
}

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
