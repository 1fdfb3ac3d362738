import type { Failure } from "@sepal/client/failure";
import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import type { Charset } from "@sepal/schema/predict-file";
import type { Row } from "../row.ts";
import type { Evaluation, TruthColumn } from "./truth.ts";

/** The model a run asks, always with its version: a default that moves must not split a file. */
export interface RunTarget {
  readonly model: string;
  readonly version: string;
}

/** For each feature of a contract the column it is read from; `null` when there is none. */
export type ColumnMapping = readonly (number | null)[];

/** How the rows of a table are written. */
export type TableFormat = "csv" | "ndjson" | "json";

/** Which rows are looked at: all, those with a problem, or those whose prediction is not what was true. */
export type RowFilter = "all" | "bad" | "wrong";

/** Files to download: the rows with their predictions, the bad rows with their reasons, the input. */
export type FileKind = "results" | "bad" | "input";

/** A model of the page's address: `v` its version, `null` for the default one. */
export interface ChosenModel {
  readonly model: string;
  readonly v: string | null;
}

/** What the page asks of the worker. */
export type BatchCommand =
  /** The first command: whose table is kept under a name in the browser's storage. */
  | { readonly type: "open"; readonly tab: string }
  | { readonly type: "load"; readonly name: string; readonly source: Blob }
  | {
      readonly type: "example";
      readonly rows: number;
      readonly mistakes: boolean;
      readonly background: readonly Row[];
    }
  | { readonly type: "contract"; readonly contract: Contract; readonly chosen: ChosenModel }
  | { readonly type: "header"; readonly hasHeader: boolean }
  | { readonly type: "charset"; readonly charset: Charset }
  | { readonly type: "column"; readonly feature: number; readonly column: number | null }
  | { readonly type: "confirm" }
  | { readonly type: "truth"; readonly truth: TruthColumn | null }
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
  readonly format: TableFormat;
  readonly charset: Charset;
  /** Between the cells of a CSV row. */
  readonly delimiter: string;
  /** Whether `5,1` is a number. */
  readonly decimalComma: boolean;
}

/** Why a row cannot be predicted. */
export interface RowProblem {
  /** Index of the feature that breaks a rule; `null` when the whole row does. */
  readonly feature: number | null;
  /** The rule in words, the server's own. */
  readonly reason: string;
}

/** A row's prediction as numbers; label and confidence follow from them. */
export interface RowAnswer {
  /** Index of the class; `null` for a regression. */
  readonly class: number | null;
  /** Probabilities of the classes, none where there are none; or the value of each target. */
  readonly values: readonly number[];
}

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
  /** `opening` until the browser's storage was read; `mapping` until every feature has a column that a person has confirmed. */
  readonly phase: "opening" | "empty" | "reading" | "mapping" | "checking" | "ready";
  /** The model that the table was read for. */
  readonly chosen: ChosenModel | null;
  /** Whether the table survives a reload. */
  readonly kept: boolean;
  readonly name: string;
  readonly bytes: number;
  readonly shape: TableShape | null;
  readonly hasHeader: boolean;
  /** Headings of CSV, or keys of JSON; empty where rows have their features in a list. */
  readonly columns: readonly string[];
  readonly mapping: ColumnMapping;
  /** The first cells of each column. */
  readonly samples: readonly (readonly string[])[];
  /** Features whose column is a guess. */
  readonly guessed: readonly number[];
  readonly rows: number;
  readonly badRows: number;
  readonly answered: number;
  /** Rows predicted, by class. */
  readonly byClass: readonly number[];
  /** The column with what was true; `null` where there is none. */
  readonly truth: TruthColumn | null;
  /** How the predictions compare with it, once a run has ended. */
  readonly evaluation: Evaluation | null;
  /** Misclassified rows, or those with the largest errors. */
  readonly wrongRows: number;
  /** Why the table cannot be used as a whole. */
  readonly problem: string | null;
  /** The charset to try where the table is not in the one it was read by. */
  readonly otherCharset: Charset | null;
  readonly run: RunState | null;
  /** Changes whenever a row that was read before may look different. */
  readonly revision: number;
}

/** What the worker sends to the page. */
export type BatchReport =
  | { readonly type: "state"; readonly state: BatchState }
  | { readonly type: "window"; readonly id: number; readonly rows: readonly TableRow[] }
  | { readonly type: "file"; readonly id: number; readonly name: string; readonly blob: Blob };

/** Whether a run is under way. */
export function isRunning({ run }: Pick<BatchState, "run">): boolean {
  return run?.phase === "running" || run?.phase === "waiting";
}

/** The features that need a column and have none; a row of JSON may leave out what may be missing. */
export function unmappedFeatures(
  { features }: Contract,
  {
    columns,
    mapping,
    format,
  }: Pick<BatchState, "columns" | "mapping"> & { readonly format: TableFormat | undefined },
): FeatureSpec[] {
  if (columns.length === 0) return [];
  return features.filter((feature, index) => {
    const mayLack = feature.nullable === true && format !== "csv";
    return (mapping[index] ?? null) === null && !mayLack;
  });
}

/** A page without a table. */
export const EMPTY_BATCH: BatchState = {
  phase: "opening",
  chosen: null,
  kept: false,
  name: "",
  bytes: 0,
  shape: null,
  hasHeader: true,
  columns: [],
  mapping: [],
  samples: [],
  guessed: [],
  rows: 0,
  badRows: 0,
  answered: 0,
  byClass: [],
  truth: null,
  evaluation: null,
  wrongRows: 0,
  problem: null,
  otherCharset: null,
  run: null,
  revision: 0,
};
