import type { Call } from "../batching/backlog.ts";
import { type RowRunner, type RowSource, runSource } from "../batching/chunks.ts";
import { EXECUTION_ROWS, type Attribution, type Outputs } from "./attribution.ts";

/** Most rows that one explanation may take: 0.1 s of a forest of 50 trees. */
const MAX_ROWS = 200_000;

/** The background rows that an explanation takes: all, or evenly as many as it can afford. */
export function affordable<T>(background: readonly T[], features: number): readonly T[] {
  const most = Math.floor(MAX_ROWS / 2 ** features);
  if (background.length <= most) return background;
  const step = background.length / most;
  return background.filter((_, index) => Math.floor((index - 1) / step) < Math.floor(index / step));
}

/** Rows that every coalition of the features makes with every background row. */
export function coalitionCost(features: number, backgroundRows: number): number {
  return 2 ** features * backgroundRows;
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

/**
 * `weights[size]` is what joining a coalition of `size` of the other features counts:
 * `size! (n - size - 1)! / n!`, which is `1 / (n * C(n - 1, size))`.
 */
function coalitionWeights(features: number): number[] {
  const weights = [1 / features];
  for (let size = 1; size < features; size += 1) {
    weights.push(((weights[size - 1] ?? 0) * size) / (features - size));
  }
  return weights;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/**
 * Shapley values of a game: `values` is `[2^features, outputs]`, where bit i of a coalition's index
 * says that feature i belongs to it. Lundberg and Lee 2017, equation 4.
 */
export function shapleyValues(
  values: Float64Array,
  features: number,
  outputs: number,
): { readonly base: number[]; readonly contributions: number[][] } {
  const weights = coalitionWeights(features);
  const base = [...values.subarray(0, outputs)];
  const contributions = Array.from({ length: features }, (_, feature) => {
    const added = new Float64Array(outputs);
    const bit = 2 ** feature;
    for (let mask = 0; mask < 2 ** features; mask += 1) {
      if ((mask & bit) !== 0) continue;
      const weight = weights[bitCount(mask)] ?? 0;
      for (let index = 0; index < outputs; index += 1) {
        const joined = values[(mask | bit) * outputs + index] ?? Number.NaN;
        const alone = values[mask * outputs + index] ?? Number.NaN;
        added[index] = (added[index] ?? 0) + weight * (joined - alone);
      }
    }
    return [...added];
  });
  return { base, contributions };
}

/**
 * Exact interventional Shapley values of one row against background rows, in `2^features` times as
 * many rows as the background has.
 */
export async function explainByCoalitions(
  runner: RowRunner,
  { count: outputs, read, own }: Outputs,
  row: readonly number[],
  background: readonly (readonly number[])[],
  call: Call,
): Promise<Attribution> {
  const { width } = runner;
  const values = new Float64Array(2 ** width * outputs);
  let prediction: number[] = [];
  let computeMs = 0;
  let seen = 0;
  const rows = coalitionRows(row, background);
  for await (const chunk of runSource(runner, rows, EXECUTION_ROWS, call)) {
    if (seen === 0) prediction = own(chunk);
    for (let index = seen === 0 ? 1 : 0; index < chunk.rows; index += 1) {
      const mask = Math.floor((seen + index - 1) / background.length);
      for (let output = 0; output < outputs; output += 1) {
        const place = mask * outputs + output;
        values[place] = (values[place] ?? 0) + read(chunk, index, output) / background.length;
      }
    }
    seen += chunk.rows;
    computeMs += chunk.ended - chunk.started;
  }
  values.set(prediction, values.length - outputs);
  return {
    method: "exact",
    outputs: prediction,
    ...shapleyValues(values, width, outputs),
    computeMs,
  };
}
