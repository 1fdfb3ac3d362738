import { setImmediate as nextTurn } from "node:timers/promises";
import { abandoned, type Call } from "./backlog.ts";
import { sampleOf, type InferenceObserver, type Lane } from "../session/inference-observer.ts";
import type { InferenceSession, TimedResult } from "../session/inference-session.ts";
import type { ModelInput } from "../session/model-input.ts";
import { isTextRow, type ModelRow } from "@sepal/schema/row-encoding";
import type { Contract } from "@sepal/schema/define-contract";
import type { PredictionOf } from "@sepal/schema/predict";
import type { PredictionReader } from "@sepal/schema/prediction-reader";

/** What a batch needs of the model that runs it. */
export interface RowRunner {
  readonly session: InferenceSession;
  readonly model: string;
  readonly version: string;
  readonly read: PredictionReader<Contract>;
  /** Features a row. */
  readonly width: number;
  readonly observer: InferenceObserver;
  readonly lane: Lane;
}

/** One execution of a batch: the results of `rows` rows, in row order. */
export interface Chunk extends TimedResult {
  readonly rows: number;
}

/** Rows that are made when they are run. */
export interface RowSource {
  readonly count: number;
  /** Rows `[start, end)` as the tensor a model takes. */
  readonly collate: (start: number, end: number) => ModelInput;
}

/** Runs the rows of a source `batchSize` at a time, and yields to the event loop in between. */
export async function* runSource(
  { session, model, version, width, observer, lane }: RowRunner,
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
    const result = await session.run(features, width);
    const computeSeconds = (result.ended - result.started) / 1000;
    if (call.probe !== true) {
      // The rows of an explanation are made up: no input that could have drifted.
      const given = lane !== "explain";
      const sample = given ? sampleOf(features, width) : undefined;
      observer.executed({ model, version, lane, rows: end - start, computeSeconds, sample });
    }
    yield { ...result, rows: end - start };
  }
}

/** Rows that are there, as a source; `encode` makes what a model takes of a checked one. */
export function rowSource<R extends object>(
  rows: readonly R[],
  width: number,
  encode: (row: R) => ModelRow,
): RowSource {
  const [first] = rows;
  const isText = first !== undefined && isTextRow(encode(first));
  return {
    count: rows.length,
    collate(start, end) {
      if (isText) return rows.slice(start, end).map((row) => String(encode(row)[0]));
      const features = new Float32Array((end - start) * width);
      let position = 0;
      for (let index = start; index < end; index += 1) {
        const row = rows[index];
        const numbers = row === undefined ? [] : encode(row);
        // By hand: `features.set(row)` takes 5 times as long for four numbers.
        for (let column = 0; column < width; column += 1) {
          const value = numbers[column];
          features[position] = typeof value === "number" ? value : Number.NaN;
          position += 1;
        }
      }
      return features;
    },
  };
}

/** The same for rows as models take them. */
export function modelRows(rows: readonly ModelRow[], width: number): RowSource {
  return rowSource(rows, width, (row) => row);
}

/** Runs rows in executions of `batchSize` and reads their predictions, in row order. */
export async function runRows(
  runner: RowRunner,
  rows: readonly ModelRow[],
  batchSize: number,
  call: Call,
): Promise<PredictionOf<Contract>[]> {
  const predictions: PredictionOf<Contract>[] = [];
  const source = modelRows(rows, runner.width);
  for await (const chunk of runSource(runner, source, batchSize, call)) {
    for (let row = 0; row < chunk.rows; row += 1) {
      predictions.push(runner.read(chunk, row));
    }
  }
  return predictions;
}
