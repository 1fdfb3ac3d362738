import { readFile } from "node:fs/promises";
import { createInferenceSession } from "@sepal/model/session/inference-session";

/** What a face said of rows: a class a row, and the probabilities row after row. */
export interface RowAnswers {
  readonly classes: ArrayLike<number | bigint>;
  readonly proba: ArrayLike<number>;
}

/** How far a probability may lie from that of the same row alone in a session. */
const TOLERANCE = 1e-6;
const CLASSES = 3;

/** What is wrong with the answers to rows, or null: none missing, none more, each its own row's. */
export function rowMistake(expected: RowAnswers, given: RowAnswers): string | null {
  if (given.classes.length !== expected.classes.length) {
    return `${given.classes.length} answers for ${expected.classes.length} rows`;
  }
  if (given.proba.length !== expected.proba.length) return `${given.proba.length} probabilities`;
  for (let row = 0; row < expected.classes.length; row += 1) {
    let right = Number(given.classes[row]) === Number(expected.classes[row]);
    for (let at = row * CLASSES; at < (row + 1) * CLASSES; at += 1) {
      // Written so that a probability that is no number is wrong.
      const distance = Math.abs((given.proba[at] ?? NaN) - (expected.proba[at] ?? NaN));
      right &&= distance <= TOLERANCE;
    }
    if (!right) return `row ${row} of ${expected.classes.length} has another answer than its own`;
  }
  return null;
}

/** Answers rows past the server: the model's own graph in a session of the test's process. */
export interface RowOracle extends AsyncDisposable {
  answers(model: string, rows: readonly (readonly number[])[]): Promise<RowAnswers>;
}

/** Opens sessions of Sepal's own models. */
export async function openOracle(models: readonly string[]): Promise<RowOracle> {
  const sessions = new Map(
    await Promise.all(
      models.map(async (model) => {
        const path = new URL(`../../../../models/${model}/1/model.onnx`, import.meta.url);
        return [model, await createInferenceSession(await readFile(path))] as const;
      }),
    ),
  );
  return {
    async answers(model, rows) {
      const session = sessions.get(model);
      if (session === undefined) throw new Error(`no session of ${model}`);
      const { classes, values } = await session.run(Float32Array.from(rows.flat()), 4);
      return { classes, proba: values };
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions.values()) await session.release();
    },
  };
}
