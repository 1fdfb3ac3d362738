import { SepalError } from "@sepal/schema/sepal-error";
import type { Call } from "../session/call.ts";
import { decodeRow } from "../session/decode.ts";
import { runSource, type RowRunner } from "../batching/run-chunks.ts";
import { coalitionRows } from "./coalition-rows.ts";
import { shapleyValues, type ShapleyValues } from "./shapley-values.ts";

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
export async function explainRow(
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
