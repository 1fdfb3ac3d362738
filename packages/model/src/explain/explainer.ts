import { unavailable } from "@sepal/schema/unavailable";
import type { Call } from "../batching/backlog.ts";
import { type RowRunner, type RowSource, runSource } from "../batching/chunks.ts";
import type { Manifest } from "../manifest.ts";
import { SepalError } from "@sepal/schema/sepal-error";
import { decodeRow } from "../session/decode.ts";
import { shapleyValues, type ShapleyValues } from "./shapley-values.ts";

/** Most rows a background holds. */
const MAX_BACKGROUND_ROWS = 500;

/** How many rows are kept of a data set of `total` rows. */
export function backgroundSize(total: number): number {
  return Math.min(total, MAX_BACKGROUND_ROWS);
}

/** Most rows that one explanation may take: 0.1 s of a forest of 50 trees. */
const MAX_EXPLANATION_ROWS = 200_000;

/** Rows that every coalition of the features makes with every background row. */
function coalitionCost(features: number, backgroundRows: number): number {
  return 2 ** features * backgroundRows;
}

/** Why a model's answers are not explained, or `null` where they are. */
export function explainRefusal({ features, training }: Manifest): string | null {
  const rows = backgroundSize(training.rows);
  const cost = coalitionCost(features.length, rows);
  if (cost <= MAX_EXPLANATION_ROWS) return null;
  return `exact Shapley values take every coalition of ${features.length} features against ${rows} training rows: ${cost} rows, more than ${MAX_EXPLANATION_ROWS}`;
}

/**
 * The row itself, then for every coalition but that of all features, in the order of their masks,
 * each background row with the coalition's features taken from the row.
 */
function coalitionRows(
  row: readonly number[],
  background: readonly (readonly number[])[],
): RowSource {
  const width = row.length;
  return {
    count: 1 + (2 ** width - 1) * background.length,
    collate(start, end) {
      const tensor = new Float32Array((end - start) * width);
      let position = 0;
      for (let index = start; index < end; index += 1) {
        const mask = index === 0 ? -1 : Math.floor((index - 1) / background.length);
        const other = background[(index - 1) % background.length] ?? row;
        for (let feature = 0; feature < width; feature += 1) {
          const from = (mask & (2 ** feature)) === 0 ? other : row;
          tensor[position] = from[feature] ?? Number.NaN;
          position += 1;
        }
      }
      return tensor;
    },
  };
}

/** Rows of one execution: 0.3 ms of a forest of 50 trees, for which the event loop holds still. */
const EXECUTION_ROWS = 512;

/** An answer, split among its features. */
export interface Explanation extends ShapleyValues {
  /** `[classes]`, each the shortest decimal of its float32, as a prediction answers it. */
  readonly proba: number[];
}

/** An explanation with how long it waited and was computed, in milliseconds. */
export interface TimedExplanation extends Explanation {
  /** When its run began, on the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly queueMs: number;
  readonly computeMs: number;
}

/** Float32 probabilities carry 7 digits: what is beyond the ninth is noise of their sums. */
function rounded(value: number): number {
  // Adding 0 makes a negative zero a plain one.
  return Math.round(value * 1e9) / 1e9 + 0;
}

/**
 * Exact interventional Shapley values of one row against background rows, in `2^features` times as
 * many rows as the background has.
 */
async function explainRow(
  runner: RowRunner,
  row: readonly number[],
  background: readonly (readonly number[])[],
  call: Call,
): Promise<Explanation & { readonly computeMs: number }> {
  const { width, classes } = runner;
  const values = new Float64Array(2 ** width * classes);
  let proba: number[] = [];
  let computeMs = 0;
  let seen = 0;
  const rows = coalitionRows(row, background);
  for await (const chunk of runSource(runner, rows, EXECUTION_ROWS, call)) {
    if (seen === 0) proba = decodeRow(chunk, 0, classes).proba;
    for (let index = seen === 0 ? 1 : 0; index < chunk.rows; index += 1) {
      const mask = Math.floor((seen + index - 1) / background.length);
      for (let column = 0; column < classes; column += 1) {
        const place = mask * classes + column;
        const answered = chunk.proba[index * classes + column] ?? Number.NaN;
        values[place] = (values[place] ?? 0) + answered / background.length;
      }
    }
    seen += chunk.rows;
    computeMs += chunk.ended - chunk.started;
  }
  values.set(proba, values.length - classes);
  if (!values.every(Number.isFinite)) {
    throw new SepalError("internal", "the model answered no number");
  }
  const { base, contributions } = shapleyValues(values, width, classes);
  return {
    proba,
    base: base.map(rounded),
    contributions: contributions.map((added) => added.map(rounded)),
    computeMs,
  };
}

/** Most rows of explanations that wait or run, half a second of a forest of 50 trees. */
const MAX_WAITING_ROWS = 1_000_000;

/** Explains the answers of one model, one at a time, so that predictions meet no more than one of its executions. */
export class Explainer {
  readonly #runner: RowRunner;
  #rows = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(runner: RowRunner) {
    this.#runner = { ...runner, lane: "explain" };
  }

  /** Explains one row; fails with `unavailable` when too much waits already. */
  async explain(
    row: readonly number[],
    background: readonly (readonly number[])[],
    call: Call,
  ): Promise<TimedExplanation> {
    const { model, observer } = this.#runner;
    const cost = coalitionCost(row.length, background.length);
    if (this.#rows + cost > MAX_WAITING_ROWS) {
      observer.rejected("queue_full");
      throw unavailable(`too many explanations of ${model} wait`, { reason: "queue_full" });
    }
    this.#rows += cost;
    const since = performance.now();
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      await before;
      const startedAt = performance.now();
      const queueMs = startedAt - since;
      return { ...(await explainRow(this.#runner, row, background, call)), startedAt, queueMs };
    } finally {
      this.#rows -= cost;
      resolve();
    }
  }
}
