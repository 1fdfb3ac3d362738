import { shapleyValues } from "@sepal/evaluator/shapley";
import type { EvaluatorModel } from "@sepal/evaluator/evaluator-model";
import { setImmediate as nextTurn } from "node:timers/promises";
import { abandoned, type Call } from "../batching/backlog.ts";
import { type RowRunner, modelRows, runSource } from "../batching/chunks.ts";
import type { Attribution, Outputs } from "./attribution.ts";

/** How long the event loop may be blocked, in milliseconds. */
const TURN_MS = 1;

/** Background rows of one step: 0.2 ms of a forest of 50 trees. */
const STEP_ROWS = 8;

/** What an explanation in closed form costs, in rows of the model: a background row walks each tree about twice a feature. */
export function closedFormCost(features: number, backgroundRows: number): number {
  return 1 + 2 * features * backgroundRows;
}

/** The model where its predictions are sums of its trees' or coefficients' own; `undefined` where something comes after. */
export function explainable(
  model: EvaluatorModel | undefined,
  width: number,
): EvaluatorModel | undefined {
  const zeros = new Float32Array(width);
  return model && shapleyValues(model, zeros, zeros) && model;
}

/** Largest distance of a sum in doubles from the prediction in float32, relative to values above 1. */
const ROUNDING = 1e-5;

/**
 * Exact interventional Shapley values from the trees or the coefficients of a model, in doubles; `undefined` where its
 * prediction is no sum of theirs.
 */
export async function explainInClosedForm(
  runner: RowRunner,
  outputs: Outputs,
  model: EvaluatorModel,
  row: readonly number[],
  background: readonly (readonly number[])[],
  call: Call,
): Promise<Attribution | undefined> {
  const { width } = runner;
  let prediction: number[] = [];
  let computeMs = 0;
  for await (const chunk of runSource(runner, modelRows([row], width), 1, call)) {
    prediction = outputs.own(chunk);
    computeMs += chunk.ended - chunk.started;
  }
  const base = new Float64Array(outputs.count);
  const contributions = new Float64Array(width * outputs.count);
  const features = Float32Array.from(row);
  let method: Attribution["method"] | undefined;
  let turn = performance.now();
  for (let start = 0; start < background.length; start += STEP_ROWS) {
    const rows = background.slice(start, start + STEP_ROWS);
    const part = shapleyValues(model, features, Float32Array.from(rows.flat()));
    if (part === undefined) return undefined;
    ({ method } = part);
    const share = rows.length / background.length;
    part.base.forEach((value, index) => (base[index] = (base[index] ?? 0) + value * share));
    part.contributions.forEach(
      (value, index) => (contributions[index] = (contributions[index] ?? 0) + value * share),
    );
    const now = performance.now();
    if (now - turn < TURN_MS) continue;
    computeMs += now - turn;
    await nextTurn();
    turn = performance.now();
    const reason = abandoned(call, turn);
    if (reason !== undefined) throw reason;
  }
  computeMs += performance.now() - turn;
  const rest = prediction.map((value, output) => {
    let sum = base[output] ?? NaN;
    for (let at = output; at < contributions.length; at += outputs.count) {
      sum += contributions[at] ?? NaN;
    }
    return value - sum;
  });
  const near = (off: number, output: number) =>
    Math.abs(off) <= ROUNDING * Math.max(1, Math.abs(prediction[output] ?? NaN));
  if (method === undefined || !rest.every(near)) return undefined;
  const sizes = rest.map((_, output) => {
    let size = 0;
    for (let at = output; at < contributions.length; at += outputs.count) {
      size += Math.abs(contributions[at] ?? 0);
    }
    return size;
  });
  return {
    method,
    outputs: prediction,
    base: [...base],
    contributions: Array.from({ length: width }, (_, feature) =>
      Array.from({ length: outputs.count }, (__, output) => {
        const value = contributions[feature * outputs.count + output] ?? NaN;
        const size = sizes[output] ?? 0;
        // What float32 rounds away is shared by size, so that a feature without influence keeps 0.
        return size === 0 ? value : value + ((rest[output] ?? NaN) * Math.abs(value)) / size;
      }),
    ),
    computeMs,
  };
}
