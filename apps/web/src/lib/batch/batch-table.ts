import type { Contract } from "@sepal/schema/define-contract";
import { featureVector } from "@sepal/schema/feature-schema";
import { validationDetail } from "@sepal/schema/validation-detail";
import type { BatchRecords } from "./batch-records.ts";
import { matchColumns, type ColumnMapping } from "./match-columns.ts";
import type { RowAnswer, RowFilter, RowProblem, TableRow } from "./protocol.ts";

/** A row checked by the contract: the features to send, or what is wrong. */
type CheckedRow =
  | { readonly features: readonly number[]; readonly problems: null }
  | { readonly features: null; readonly problems: readonly RowProblem[] };

/** The contract's own rules for one row of values in the features' order. */
function rowRules(contract: Contract): (values: readonly unknown[]) => CheckedRow {
  const schema = featureVector(contract);
  return (values) => {
    const parsed = schema.safeParse(values);
    if (parsed.success) return { features: [...parsed.data], problems: null };
    const { entries } = validationDetail(parsed.error.issues, values);
    const problems = entries.map(({ loc, msg }) => {
      const place = loc[1];
      return { feature: typeof place === "number" ? place : null, reason: msg };
    });
    return { features: null, problems };
  };
}

/** The answers of a table's rows, kept as numbers. */
class BatchAnswers {
  readonly #classes: number;
  readonly #known: Uint8Array;
  readonly #class: Uint8Array;
  readonly #confidence: Float64Array;
  readonly #proba: Float64Array;
  /** Rows with an answer. */
  answered = 0;
  /** Rows answered, by class. */
  readonly byClass: number[];

  constructor(rows: number, classes: number) {
    this.#classes = classes;
    this.byClass = Array.from({ length: classes }, () => 0);
    this.#known = new Uint8Array(rows);
    this.#class = new Uint8Array(rows);
    this.#confidence = new Float64Array(rows);
    this.#proba = new Float64Array(rows * classes);
  }

  /** Keeps the answer of a row; the first one stays. */
  record(row: number, { class: index, confidence, proba }: RowAnswer): void {
    if (this.has(row)) return;
    this.#known[row] = 1;
    this.#class[row] = index;
    this.#confidence[row] = confidence;
    this.#proba.set(proba, row * this.#classes);
    this.answered += 1;
    this.byClass[index] = (this.byClass[index] ?? 0) + 1;
  }

  /** Whether a row is answered. */
  has(row: number): boolean {
    return this.#known[row] === 1;
  }

  /** The answer of a row; `null` when it has none. */
  get(row: number): RowAnswer | null {
    if (!this.has(row)) return null;
    const from = row * this.#classes;
    return {
      class: this.#class[row] ?? 0,
      confidence: this.#confidence[row] ?? 0,
      proba: [...this.#proba.subarray(from, from + this.#classes)],
    };
  }
}

/** A cell as text; a value of NDJSON that is no text as its JSON. */
export function cellText(cell: unknown): string {
  if (cell === undefined) return "";
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}

/** A table with what became of its rows: features to send, problems, answers. */
export class BatchTable {
  readonly contract: Contract;
  readonly records: BatchRecords;
  mapping: ColumnMapping;
  answers: BatchAnswers;
  /** Rows with a problem, ascending. */
  badRows: number[] = [];
  #features: (readonly number[] | null)[] = [];
  #problems = new Map<number, readonly RowProblem[]>();

  constructor(contract: Contract, records: BatchRecords) {
    this.contract = contract;
    this.records = records;
    this.mapping = this.matched();
    this.answers = this.#noAnswers();
  }

  /** The mapping that the names of the columns suggest. */
  matched(): ColumnMapping {
    const { columns, hasHeader, shape } = this.records;
    return matchColumns(this.contract, columns, hasHeader || shape.format === "ndjson");
  }

  /** Forgets all answers. */
  forgetAnswers(): void {
    this.answers = this.#noAnswers();
  }

  /** Forgets answers and checks; every row must be checked anew. */
  restart(): void {
    this.forgetAnswers();
    this.badRows = [];
    this.#features = [];
    this.#problems = new Map();
  }

  /** Checks rows `from` to before `to` by the contract; call in ascending order. */
  check(from: number, to: number): void {
    const rules = rowRules(this.contract);
    for (let row = from; row < Math.min(to, this.records.rows); row += 1) {
      const { features, problems } = this.#checked(row, rules);
      this.#features[row] = features;
      if (problems === null) continue;
      this.badRows.push(row);
      this.#problems.set(row, problems);
    }
  }

  #checked(row: number, rules: (values: readonly unknown[]) => CheckedRow): CheckedRow {
    const { cells = [], problem = null } = this.records.row(row) ?? {};
    if (problem !== null) return { features: null, problems: [{ feature: null, reason: problem }] };
    return rules(
      this.mapping.map((column) =>
        column === null ? undefined : this.records.value(cells[column]),
      ),
    );
  }

  #noAnswers(): BatchAnswers {
    return new BatchAnswers(this.records.rows, this.contract.classes.length);
  }

  /** Rows that can be sent and have no answer, ascending. */
  unanswered(): number[] {
    const rows: number[] = [];
    for (const [row, features] of this.#features.entries()) {
      if (features !== null && !this.answers.has(row)) rows.push(row);
    }
    return rows;
  }

  /** The features of a good row. */
  features(row: number): readonly number[] {
    return this.#features[row] ?? [];
  }

  /** What is wrong with a row; empty for a good one. */
  problems(row: number): readonly RowProblem[] {
    return this.#problems.get(row) ?? [];
  }

  /** The rows that a table shows between two positions. */
  window(filter: RowFilter, from: number, count: number): TableRow[] {
    const all = Math.min(this.records.rows, from + count);
    const rows =
      filter === "bad"
        ? this.badRows.slice(from, from + count)
        : Array.from({ length: Math.max(0, all - from) }, (_, index) => from + index);
    return rows.map((row) => {
      const cells = this.records.row(row)?.cells ?? [];
      return {
        number: row + 1,
        cells: this.mapping.map((column) => (column === null ? "" : cellText(cells[column]))),
        problems: this.problems(row),
        answer: this.answers.get(row),
      };
    });
  }
}
