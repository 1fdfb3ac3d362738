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
  readonly sample?: { readonly rows: Float32Array; readonly width: number };
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
