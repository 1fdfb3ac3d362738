import type { Call } from "../session/call.ts";
import { decodeRow, type Prediction } from "../session/decode.ts";
import { runChunks, type RowRunner } from "./run-chunks.ts";

/** Runs rows in executions of `batchSize` and reads their answers, in row order. */
export async function runRows(
  runner: RowRunner,
  rows: readonly (readonly number[])[],
  batchSize: number,
  call: Call,
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for await (const chunk of runChunks(runner, rows, batchSize, call)) {
    for (let row = 0; row < chunk.rows; row += 1) {
      predictions.push(decodeRow(chunk, row, runner.classes));
    }
  }
  return predictions;
}
