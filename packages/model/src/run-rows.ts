import { setImmediate as nextTurn } from "node:timers/promises";
import { abandoned, type Call } from "./call.ts";
import { decodeRow, type Prediction } from "./decode.ts";
import type { InferenceObserver } from "./inference-observer.ts";
import type { InferenceSession } from "./inference-session.ts";
import { timedRun } from "./timed-run.ts";

/** What a batch needs of the model that runs it. */
export interface RowRunner {
  readonly session: InferenceSession;
  readonly model: string;
  readonly version: string;
  /** Number of classes. */
  readonly classes: number;
  /** Features a row. */
  readonly width: number;
  readonly observer: InferenceObserver;
}

/** Runs rows in executions of `batchSize`, giving way to other work in between; answers in row order. */
export async function runRows(
  runner: RowRunner,
  rows: readonly (readonly number[])[],
  batchSize: number,
  call: Call,
): Promise<Prediction[]> {
  const { session, model, version, classes, width, observer } = runner;
  const predictions: Prediction[] = [];
  for (let offset = 0; offset < rows.length; offset += batchSize) {
    if (offset > 0) await nextTurn();
    const reason = abandoned(call, performance.now());
    if (reason !== undefined) throw reason;
    const chunk = rows.slice(offset, offset + batchSize);
    const features = new Float32Array(chunk.length * width);
    chunk.forEach((row, index) => features.set(row, index * width));
    const result = await timedRun(session, features, width);
    const computeSeconds = (result.ended - result.started) / 1000;
    if (call.probe !== true) {
      observer.executed({ model, version, lane: "batch", rows: chunk.length, computeSeconds });
    }
    for (let row = 0; row < chunk.length; row += 1) {
      predictions.push(decodeRow(result, row, classes));
    }
  }
  return predictions;
}
