import { setImmediate as nextTurn } from "node:timers/promises";
import { abandoned, type Call } from "./backlog.ts";
import type { InferenceObserver, Lane } from "../session/inference-observer.ts";
import type { InferenceSession } from "../session/inference-session.ts";
import { type RowOrder, runTogether, sampleRows, type TimedResult } from "../session/model-run.ts";
import { decodeRow, type Prediction } from "../session/decode.ts";

/** What a batch needs of the model that runs it. */
export interface RowRunner {
  readonly session: InferenceSession;
  readonly model: string;
  readonly version: string;
  /** Number of classes. */
  readonly classes: number;
  /** Features a row. */
  readonly width: number;
  /** The order of rows that the model runs fastest in; `null` for their own. */
  readonly order: RowOrder | null;
  readonly observer: InferenceObserver;
  readonly lane: Lane;
}

/** One execution of a batch: the results of `rows` rows, in row order. */
export interface Chunk extends TimedResult {
  readonly rows: number;
}

/** Rows `[start, end)` as the `[n, width]` tensor a model takes. */
function collate(
  rows: readonly (readonly number[])[],
  start: number,
  end: number,
  width: number,
): Float32Array {
  const features = new Float32Array((end - start) * width);
  let position = 0;
  for (let index = start; index < end; index += 1) {
    const row = rows[index] ?? [];
    // By hand: `features.set(row)` takes 5 times as long for four numbers.
    for (let column = 0; column < width; column += 1) {
      features[position] = row[column] ?? Number.NaN;
      position += 1;
    }
  }
  return features;
}

/** Rows that are made when they are run. */
export interface RowSource {
  readonly count: number;
  /** Rows `[start, end)` as the `[n, width]` tensor a model takes. */
  readonly collate: (start: number, end: number) => Float32Array;
}

/** Runs the rows of a source `batchSize` at a time, and yields to the event loop in between. */
export async function* runSource(
  { session, model, version, width, order, observer, lane }: RowRunner,
  { count, collate }: RowSource,
  batchSize: number,
  call: Call,
): AsyncGenerator<Chunk, void, void> {
  for (let start = 0; start < count; start += batchSize) {
    if (start > 0) await nextTurn();
    const reason = abandoned(call, performance.now());
    if (reason !== undefined) throw reason;
    const end = Math.min(start + batchSize, count);
    const features = collate(start, end);
    const result = await runTogether(session, features, width, order);
    const computeSeconds = (result.ended - result.started) / 1000;
    if (call.probe !== true) {
      // The rows of an explanation are made up: no input that could have drifted.
      const given = lane !== "explain";
      const sample = given ? { rows: sampleRows(features, width), width } : undefined;
      observer.executed({ model, version, lane, rows: end - start, computeSeconds, sample });
    }
    yield { ...result, rows: end - start };
  }
}

/** Rows that are there, as a source. */
export function rowSource(rows: readonly (readonly number[])[], width: number): RowSource {
  return { count: rows.length, collate: (start, end) => collate(rows, start, end, width) };
}

/** The same for rows that are there. */
export function runChunks(
  runner: RowRunner,
  rows: readonly (readonly number[])[],
  batchSize: number,
  call: Call,
): AsyncGenerator<Chunk, void, void> {
  return runSource(runner, rowSource(rows, runner.width), batchSize, call);
}

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
