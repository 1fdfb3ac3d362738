import { createEvaluator, type Evaluation } from "@sepal/evaluator/evaluate";
import { readGraph } from "@sepal/evaluator/read-graph";
import { createInferenceSession } from "../src/session/inference-session.ts";

/** Rows and the batches that they are evaluated in. */
export interface Comparison {
  readonly rows: Float32Array;
  /** Rows of an execution. */
  readonly batches: readonly number[];
}

/** A difference between the evaluator and ONNX Runtime. */
export interface Difference {
  readonly batch: number;
  readonly row: number;
  readonly of: "class" | "values";
  readonly evaluator: string;
  readonly onnxRuntime: string;
}

/** Bits of a float32; all NaNs are one. */
function bitsOf(value: number | undefined): string {
  return value === undefined ? "none" : Object.is(value, -0) ? "-0" : String(value);
}

function firstDifference(
  found: Evaluation,
  expected: { readonly classes: BigInt64Array; readonly values: Float32Array },
  rows: number,
): Omit<Difference, "batch"> | undefined {
  const classes = Math.max(found.classes.length, expected.classes.length);
  for (let row = 0; row < classes; row += 1) {
    if (found.classes[row] !== expected.classes[row]) {
      const [evaluator, onnxRuntime] = [found.classes[row], expected.classes[row]].map(String);
      return { row, of: "class", evaluator: evaluator ?? "", onnxRuntime: onnxRuntime ?? "" };
    }
  }
  const values = Math.max(found.values.length, expected.values.length);
  for (let at = 0; at < values; at += 1) {
    const [evaluator, onnxRuntime] = [bitsOf(found.values[at]), bitsOf(expected.values[at])];
    if (evaluator !== onnxRuntime) {
      return { row: Math.floor((at * rows) / values), of: "values", evaluator, onnxRuntime };
    }
  }
  return undefined;
}

/**
 * Evaluates rows with the evaluator and with ONNX Runtime, in batches of several sizes; the first difference, if any.
 *
 * Throws NotEvaluated where the graph is not evaluated, and what ONNX Runtime says of a model that it does not open.
 */
export async function findDifference(
  onnx: Uint8Array,
  { rows, batches }: Comparison,
): Promise<Difference | undefined> {
  const evaluator = createEvaluator(readGraph(onnx));
  const { width } = evaluator;
  const session = await createInferenceSession(onnx);
  try {
    for (const batch of batches) {
      for (let start = 0; start < rows.length; start += batch * width) {
        const part = rows.slice(start, start + batch * width);
        const count = part.length / width;
        const found = evaluator.evaluate(part, count);
        const difference = firstDifference(found, await session.run(part, width), count);
        if (difference !== undefined) {
          return { batch, ...difference, row: start / width + difference.row };
        }
      }
    }
    return undefined;
  } finally {
    await session.release();
  }
}
