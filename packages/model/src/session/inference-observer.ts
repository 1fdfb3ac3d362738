import type { ModelInput } from "./model-input.ts";

/** Which way rows went: micro-batched singles, batches on the main thread or on a worker thread, or the rows of explanations. */
export type Lane = "single" | "batch" | "worker" | "explain";

/** One run of a model. */
export interface Execution {
  readonly model: string;
  readonly version: string;
  readonly lane: Lane;
  readonly rows: number;
  /** Duration of the run, in seconds. */
  readonly computeSeconds: number;
  /** Some of its rows, `[m, width]`; absent where another run carries them. */
  readonly sample?: { readonly rows: Float32Array; readonly width: number } | undefined;
}

/** Observes inference, so that metrics stay out of it. */
export interface InferenceObserver {
  modelLoaded(model: string, version: string): void;
  executed(execution: Execution): void;
  /** A row waited this long, in seconds, before its run began; `lane` is absent for a single one. */
  queued(model: string, seconds: number, lane?: Lane): void;
  /** Work was refused; `reason` is a word such as `queue_full`. */
  rejected(reason: string): void;
}

/** Inference without an observer. */
export const UNOBSERVED: InferenceObserver = {
  modelLoaded() {},
  executed() {},
  queued() {},
  rejected() {},
};

/** What an observer receives of the rows of a run: nothing of texts, which drift in no way that is measured. */
export function sampleOf(rows: ModelInput, width: number): Execution["sample"] {
  return rows instanceof Float32Array ? { rows: sampleRows(rows, width), width } : undefined;
}

/** Rows of one run that an observer receives: all up to the first number, then a quarter, up to the second. */
const FEW_ROWS = 16;
const MOST_ROWS = 256;

/** Some rows of a `[n, width]` tensor, evenly spaced, as `[m, width]`; all of them where they are few. */
export function sampleRows(features: Float32Array, width: number): Float32Array {
  const rows = features.length / width;
  if (rows <= FEW_ROWS) return features;
  const count = Math.min(MOST_ROWS, Math.max(FEW_ROWS, rows >> 2));
  const sample = new Float32Array(count * width);
  for (let index = 0; index < count; index += 1) {
    const start = Math.floor((index * rows) / count) * width;
    for (let column = 0; column < width; column += 1) {
      sample[index * width + column] = features[start + column] ?? Number.NaN;
    }
  }
  return sample;
}
