import type { InferenceResult, InferenceSession } from "./inference-session.ts";
import { putTogether, type RowOrder } from "./row-order.ts";
import { timedRun, type TimedResult } from "./timed-run.ts";

/** Rows of an execution from which on it is worth to put them together. */
const LEAST_ROWS = 16;

/** Results in the order in which the rows came; `places` says where each is. */
function inOrder({ classes, proba }: InferenceResult, places: Uint32Array): InferenceResult {
  const rows = places.length;
  const width = proba.length / rows;
  const restored = { classes: new BigInt64Array(rows), proba: new Float32Array(proba.length) };
  // In halves: reading a `BigInt64Array` makes a `bigint` of each.
  const from = new Int32Array(classes.buffer, classes.byteOffset, rows * 2);
  const to = new Int32Array(restored.classes.buffer);
  for (let row = 0; row < rows; row += 1) {
    const place = places[row] ?? 0;
    to[row * 2] = from[place * 2] ?? 0;
    to[row * 2 + 1] = from[place * 2 + 1] ?? 0;
    for (let column = 0; column < width; column += 1) {
      restored.proba[row * width + column] = proba[place * width + column] ?? Number.NaN;
    }
  }
  return restored;
}

async function runPlaced(
  session: InferenceSession,
  features: Float32Array,
  width: number,
  order: RowOrder,
): Promise<TimedResult> {
  const placed = putTogether(features, width, order);
  const result = await timedRun(session, placed.features, width);
  return { ...result, ...inOrder(result, placed.places) };
}

/** Runs rows as {@link timedRun} does, those that are alike together where the model has an order for it. */
export function runTogether(
  session: InferenceSession,
  features: Float32Array,
  width: number,
  order: RowOrder | null,
): Promise<TimedResult> {
  return order === null || features.length < LEAST_ROWS * width
    ? timedRun(session, features, width)
    : runPlaced(session, features, width, order);
}
