import type { InferenceObserver } from "../src/session/inference-observer.ts";
import type { OpenedModel } from "../src/session/open-model.ts";
import type { InferenceSession, TimedResult } from "../src/session/inference-session.ts";

/** A session whose prediction is a function of the row, to test outputs that no trained model has. */
export interface ScriptedSession extends InferenceSession {
  /** Rows of each run so far. */
  readonly runs: readonly number[];
  /** Keeps runs from ending until `release` of the returned hold is called. */
  hold(): { release(): void };
}

/** Prediction of a scripted session for one row. */
export interface ScriptedPrediction {
  readonly class: number;
  readonly proba: readonly number[];
}

/** Creates a scripted session; like ONNX Runtime it computes in an immediate of its own. */
export function scriptedSession(
  predict: (features: readonly number[]) => ScriptedPrediction,
): ScriptedSession {
  const runs: number[] = [];
  let held: Promise<void> | undefined;
  return {
    inputs: [],
    outputs: [],
    runs,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return {
        release() {
          held = undefined;
          resolve();
        },
      };
    },
    async run(features, width): Promise<TimedResult> {
      if (!(features instanceof Float32Array)) throw new TypeError("it is scripted for numbers");
      runs.push(features.length / width);
      await new Promise((resolve) => setImmediate(resolve));
      const started = performance.now();
      await held;
      const predictions = Array.from({ length: features.length / width }, (_, row) =>
        predict([...features.subarray(row * width, (row + 1) * width)]),
      );
      return {
        classes: BigInt64Array.from(predictions, (row) => BigInt(row.class)),
        values: Float32Array.from(predictions.flatMap((row) => row.proba)),
        started,
        ended: performance.now(),
      };
    },
    release: async () => {},
  };
}

/** A model of a session alone. */
export function openedAs(session: InferenceSession): OpenedModel {
  return { session, closedForm: () => undefined };
}

/** What an observer was told, as lines. */
export interface Recording extends InferenceObserver {
  readonly loads: string[];
  readonly executions: string[];
  readonly queuedRows: number;
  readonly rejections: string[];
}

/** An observer that writes down what it is told. */
export function recording(): Recording {
  const loads: string[] = [];
  const executions: string[] = [];
  const rejections: string[] = [];
  let queuedRows = 0;
  return {
    loads,
    executions,
    rejections,
    get queuedRows() {
      return queuedRows;
    },
    modelLoaded: (model, version) => void loads.push(`${model} ${version}`),
    executed: ({ lane, rows }) => void executions.push(`${lane} ${rows}`),
    queued: () => {
      queuedRows += 1;
    },
    rejected: (reason) => void rejections.push(reason),
  };
}
