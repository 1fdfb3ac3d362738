import { shortestFloat32 } from "@sepal/schema/float32";
import {
  createInferenceSession,
  type InferenceSession,
} from "@sepal/model/session/inference-session";
import { Refusal } from "./refusal.ts";

/** Opens a model; refuses what ONNX Runtime refuses, in its words. */
export async function openModel(bytes: Uint8Array, path: string): Promise<InferenceSession> {
  try {
    return await createInferenceSession(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${path}: ONNX Runtime cannot open it: ${reason}`, { cause: error });
  }
}

/** What a model says of rows: class indices `[n]` and probabilities `[n, classes]`. */
export interface Answers {
  readonly classes: readonly number[];
  readonly proba: readonly (readonly number[])[];
}

/** Rows of one execution. */
const CHUNK_ROWS = 1000;

/** How far from 1 the probabilities of a row may add up: a forest's float32 sums stay within it. */
const SUM_TOLERANCE = 1e-3;

interface Asked {
  /** Path of the model's file. */
  readonly path: string;
  /** Where the rows are from, for messages. */
  readonly rowsOf: string;
}

function requireProbabilities(
  { path, rowsOf }: Asked,
  row: number,
  proba: readonly number[],
): void {
  const shown = proba.map((value) => Number(value.toPrecision(4))).join(", ");
  const where = `${path}: for row ${row + 1} of the ${rowsOf} rows the model answers [${shown}]`;
  if (!proba.every(Number.isFinite))
    throw new Refusal(`${where}: every probability has to be a finite number`);
  const sum = proba.reduce((total, value) => total + value, 0);
  const within = proba.every((value) => value >= -1e-6 && value <= 1 + SUM_TOLERANCE);
  if (!within || Math.abs(sum - 1) > SUM_TOLERANCE) {
    throw new Refusal(
      `${where}, which adds up to ${Number(sum.toPrecision(4))}: these are scores, not probabilities of 0 to 1 that add up to 1. Export it without raw_scores, or with a softmax at its end`,
    );
  }
}

/** Asks a model in Sepal's form about rows; refuses answers that are no probabilities, with the row. */
export async function askModel(
  bytes: Uint8Array,
  asked: Asked,
  rows: readonly (readonly number[])[],
): Promise<Answers> {
  const session = await openModel(bytes, asked.path);
  const width = rows[0]?.length ?? 0;
  const classes: number[] = [];
  const proba: number[][] = [];
  try {
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const chunk = rows.slice(start, start + CHUNK_ROWS);
      const result = await session.run(Float32Array.from(chunk.flat()), width);
      const count = result.proba.length / chunk.length;
      for (const [row] of chunk.entries()) {
        const values = Array.from(
          result.proba.subarray(row * count, (row + 1) * count),
          shortestFloat32,
        );
        requireProbabilities(asked, start + row, values);
        proba.push(values);
        classes.push(Number(result.classes[row]));
      }
    }
  } finally {
    await session.release();
  }
  return { classes, proba };
}
