import { classLabels, outputShape, type Contract } from "@sepal/schema/define-contract";
import { blockReader, type BlockReader, type BlockRows } from "@sepal/schema/files/block-rows";
import { DEFAULT_MAX_COLUMNS, type CsvLayout } from "@sepal/schema/files/file-format";
import { decimalMark } from "@sepal/schema/files/file-head";
import { recordsOf } from "@sepal/schema/files/read-blocks";
import type { Predictions } from "@sepal/schema/files/result-form";
import type { RowFault } from "@sepal/schema/files/scored-rows";
import { matchHeadings } from "@sepal/schema/headings";
import { decodeValue, type ModelRow } from "@sepal/schema/row-encoding";
import type { Row } from "../row.ts";
import type { BatchRecords } from "./batch-records.ts";
import type { ColumnMapping, RowAnswer, RowFilter, RowProblem, TableRow } from "./protocol.ts";

/** Predictions of a table as they are stored: which rows have one, their classes, their numbers. */
export interface KeptAnswers {
  readonly known: Uint8Array;
  readonly classes: Uint16Array | null;
  readonly values: Float32Array;
}

/** The predictions of a table's rows, kept as numbers. */
class BatchAnswers {
  readonly #width: number;
  readonly #known: Uint8Array;
  readonly #class: Uint16Array | null;
  readonly #values: Float32Array;
  /** Bits of the values. */
  readonly bits: Uint32Array;
  /** Rows with a prediction. */
  answered = 0;
  /** Rows predicted, by class. */
  readonly byClass: number[];

  constructor(rows: number, contract: Contract) {
    const { hasClass, width } = outputShape(contract);
    this.#width = width;
    this.byClass = classLabels(contract).map(() => 0);
    this.#known = new Uint8Array(rows);
    this.#class = hasClass ? new Uint16Array(rows) : null;
    this.#values = new Float32Array(rows * width);
    this.bits = new Uint32Array(this.#values.buffer);
  }

  /** The predictions of all rows; 0 where there is none. */
  get predictions(): Predictions {
    return { classes: this.#class ?? new Uint16Array(), values: this.#values };
  }

  /** Records the prediction of a row; the first is kept. */
  record(row: number, { class: index, values }: RowAnswer): void {
    if (this.has(row)) return;
    this.#known[row] = 1;
    this.#values.set(values, row * this.#width);
    this.answered += 1;
    if (this.#class === null || index === null) return;
    this.#class[row] = index;
    this.byClass[index] = (this.byClass[index] ?? 0) + 1;
  }

  /** The predictions as they are kept in the browser's storage. */
  snapshot(): KeptAnswers {
    return { known: this.#known, classes: this.#class, values: this.#values };
  }

  /** Restores predictions from a snapshot of the same table. */
  restore({ known, classes, values }: KeptAnswers): void {
    for (let row = 0; row < this.#known.length; row += 1) {
      if (known[row] !== 1) continue;
      const from = row * this.#width;
      this.record(row, {
        class: classes?.[row] ?? null,
        values: [...values.subarray(from, from + this.#width)],
      });
    }
  }

  /** Whether a row has a prediction. */
  has(row: number): boolean {
    return this.#known[row] === 1;
  }

  /** The prediction of a row; `null` when it has none. */
  get(row: number): RowAnswer | null {
    if (!this.has(row)) return null;
    const from = row * this.#width;
    const values = [...this.#values.subarray(from, from + this.#width)];
    return { class: this.#class?.[row] ?? null, values };
  }
}

/** A table with the state of its rows: features to send, problems, predictions. */
export class BatchTable {
  readonly contract: Contract;
  readonly records: BatchRecords;
  mapping: ColumnMapping;
  answers: BatchAnswers;
  /** Rows with a problem, ascending. */
  badRows: number[] = [];
  /** Rows whose prediction is not what was true. */
  wrongRows: readonly number[] = [];
  readonly #matched: ColumnMapping;
  readonly #read: BlockReader;
  #features: (ModelRow | null)[] = [];
  #problems = new Map<number, readonly RowProblem[]>();

  constructor(contract: Contract, records: BatchRecords) {
    this.contract = contract;
    this.records = records;
    const { layout, columns } = records;
    const places = layout?.places ?? matchHeadings(columns, contract.features, "row").places;
    this.#matched = places.map((place) => (place === -1 ? null : place));
    this.mapping = this.#matched;
    // The policy of the page forbids schemas as functions.
    this.#read = blockReader(contract, (schema) => schema);
    this.answers = this.#noAnswers();
  }

  /** Drops all predictions. */
  forgetAnswers(): void {
    this.answers = this.#noAnswers();
    this.wrongRows = [];
  }

  /** Drops predictions and checks; every row must be checked anew. */
  restart(): void {
    this.forgetAnswers();
    this.badRows = [];
    this.#features = [];
    this.#problems = new Map();
  }

  /** How the cells of a CSV table are read with this mapping. */
  #layout(): CsvLayout | undefined {
    const { layout, blocks } = this.records;
    const first = blocks[0]?.block;
    if (layout === undefined || first === undefined) return undefined;
    const chosen = { ...layout, places: this.mapping.map((column) => column ?? -1) };
    return { ...chosen, decimal: decimalMark(recordsOf(first), chosen, this.contract) };
  }

  /** Reads the rows of a block; fails with `invalid_input` where a quote is not closed. */
  read(index: number): BlockRows {
    const { blocks, charset, columns } = this.records;
    const held = blocks[index];
    if (held === undefined) throw new RangeError(`no block ${index}`);
    const keys = this.mapping.map((column, feature) =>
      column === null || column === this.#matched[feature] ? undefined : columns[column],
    );
    return this.#read({
      ...held,
      layout: this.#layout(),
      keys,
      charset,
      spreadsheet: false,
      strict: false,
      maxColumns: DEFAULT_MAX_COLUMNS,
    });
  }

  /** Checks the rows of a block by the contract; call in ascending order. */
  check(index: number): void {
    const { firstRow, rows } = this.read(index);
    for (const [at, { features, faults }] of rows.entries()) {
      const row = firstRow - 1 + at;
      this.#features[row] = faults.length > 0 ? null : features;
      if (faults.length === 0) continue;
      this.badRows.push(row);
      this.#problems.set(
        row,
        faults.map((fault) => this.#problem(fault)),
      );
    }
  }

  #problem({ column, msg }: RowFault): RowProblem {
    const feature = this.contract.features.findIndex(({ name }) => name === column);
    return { feature: feature === -1 ? null : feature, reason: msg };
  }

  #noAnswers(): BatchAnswers {
    return new BatchAnswers(this.records.rows, this.contract);
  }

  /** Rows that can be sent and have no prediction, ascending. */
  unanswered(): number[] {
    const rows: number[] = [];
    for (const [row, features] of this.#features.entries()) {
      if (features !== null && !this.answers.has(row)) rows.push(row);
    }
    return rows;
  }

  /** The features of a good row. */
  features(row: number): Row {
    const values = this.#features[row] ?? [];
    return this.contract.features.map((feature, index) =>
      decodeValue(feature, values[index] ?? Number.NaN),
    );
  }

  /** What is wrong with a row; empty for a good one. */
  problems(row: number): readonly RowProblem[] {
    return this.#problems.get(row) ?? [];
  }

  /** The rows that a table shows between two positions. */
  window(filter: RowFilter, from: number, count: number): TableRow[] {
    const all = Math.min(this.records.rows, from + count);
    const chosen = filter === "bad" ? this.badRows : this.wrongRows;
    const rows =
      filter !== "all"
        ? chosen.slice(from, from + count)
        : Array.from({ length: Math.max(0, all - from) }, (_, index) => from + index);
    return rows.map((row) => {
      return {
        number: row + 1,
        cells: this.records.cells(row, this.mapping),
        problems: this.problems(row),
        answer: this.answers.get(row),
      };
    });
  }
}
