import type { Failure } from "@sepal/client/failure";
import type { Prediction } from "../contract-client.ts";
import type { ColumnMapping } from "./match-columns.ts";

/** The model a run asks, always with its version: a default that moves must not split a file. */
export interface RunTarget {
  readonly model: string;
  readonly version: string;
}

/** Which rows are looked at: all, or those with a problem. */
export type RowFilter = "all" | "bad";

/** Files that can be had: the rows with their answers, the bad rows with their reasons, the input. */
export type FileKind = "results" | "bad" | "input";

/** What the page asks of the worker. */
export type BatchCommand =
  | { readonly type: "load"; readonly name: string; readonly source: Blob }
  | {
      readonly type: "example";
      readonly rows: number;
      readonly mistakes: boolean;
      readonly background: readonly (readonly number[])[];
    }
  | { readonly type: "contract"; readonly name: string }
  | { readonly type: "header"; readonly hasHeader: boolean }
  | { readonly type: "column"; readonly feature: number; readonly column: number | null }
  | { readonly type: "start"; readonly target: RunTarget }
  | { readonly type: "cancel" }
  | { readonly type: "clear" }
  | { readonly type: "headers"; readonly headers: Readonly<Record<string, string>> }
  | { readonly type: "file"; readonly id: number; readonly kind: FileKind }
  | {
      readonly type: "window";
      readonly id: number;
      readonly filter: RowFilter;
      readonly from: number;
      readonly count: number;
    };

/** How the text of a table is written. */
export interface TableShape {
  readonly format: "csv" | "ndjson";
  /** Between the cells of a CSV row. */
  readonly delimiter: string;
  /** Whether `5,1` is a number: only where the comma does not separate cells. */
  readonly decimalComma: boolean;
}

/** Why a row cannot be predicted. */
export interface RowProblem {
  /** Index of the feature that breaks a rule; `null` when the whole row does. */
  readonly feature: number | null;
  /** The rule in words, the server's own. */
  readonly reason: string;
}

/** A row's prediction; the label follows from its class. */
export type RowAnswer = Omit<Prediction, "label">;

/** One row as the table shows it. */
export interface TableRow {
  /** Counts from 1, the header not counted. */
  readonly number: number;
  /** Text of the columns the features are read from, in the features' order. */
  readonly cells: readonly string[];
  readonly problems: readonly RowProblem[];
  readonly answer: RowAnswer | null;
}

/** How far a run is. */
export interface RunState {
  readonly phase: "running" | "waiting" | "cancelled" | "failed" | "done";
  readonly target: RunTarget;
  readonly rowsPerSecond: number;
  readonly secondsLeft: number | null;
  /** Time spent sending so far, in seconds. */
  readonly elapsed: number;
  readonly failure: Failure | null;
  /** When the next attempt is due, in milliseconds since the epoch; only while waiting. */
  readonly retryAt: number | null;
}

/** What the page knows of the table. */
export interface BatchState {
  readonly phase: "empty" | "reading" | "checking" | "ready";
  readonly name: string;
  readonly bytes: number;
  readonly shape: TableShape | null;
  readonly hasHeader: boolean;
  readonly columns: readonly string[];
  readonly mapping: ColumnMapping;
  readonly rows: number;
  readonly badRows: number;
  readonly answered: number;
  /** Rows answered, by class. */
  readonly byClass: readonly number[];
  /** Why the table cannot be used as a whole. */
  readonly problem: string | null;
  readonly run: RunState | null;
  /** Changes whenever a row that was read before may look different. */
  readonly revision: number;
}

/** What the worker sends to the page. */
export type BatchReport =
  | { readonly type: "state"; readonly state: BatchState }
  | { readonly type: "window"; readonly id: number; readonly rows: readonly TableRow[] }
  | { readonly type: "file"; readonly id: number; readonly name: string; readonly blob: Blob };

/** A page without a table. */
export const EMPTY_BATCH: BatchState = {
  phase: "empty",
  name: "",
  bytes: 0,
  shape: null,
  hasHeader: true,
  columns: [],
  mapping: [],
  rows: 0,
  badRows: 0,
  answered: 0,
  byClass: [],
  problem: null,
  run: null,
  revision: 0,
};
