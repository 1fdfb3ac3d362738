import type { InferBytes } from "../operations/infer/infer-request.ts";
import type { Served } from "../context.ts";

/** A `predictBatch` call: its contract, its schema, and the text before and after its answer, such as a tRPC envelope. */
export interface PredictBatchWork {
  readonly kind: "predictBatch";
  readonly contract: string;
  readonly lenient: boolean;
  readonly envelope: readonly [before: string, after: string];
  readonly inputKey: string | undefined;
}

/** A call of the Open Inference Protocol. */
export interface InferWork extends Omit<InferBytes, "body"> {
  readonly kind: "infer";
}

/** A batch as it came from the socket, for a worker thread to parse, check, run and write. */
export interface BatchJob {
  readonly work: PredictBatchWork | InferWork;
  /** The request's body; moved, not copied. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly requestId: string;
  /** Milliseconds since the Unix epoch, because each thread's clock starts with it. */
  readonly arrivedAt: number;
  /** When it began to wait for a thread, on the same clock. */
  readonly queuedAt: number;
  readonly deadlineAt: number | undefined;
  /** Not 0 once the client is gone. */
  readonly cancelled: Int32Array<SharedArrayBuffer>;
}

/** The answer, ready for the socket, and what was done for it. */
export interface BatchAnswer {
  /** The text in parts of one large execution or several small ones: one write of 6 MB would hold the event loop for milliseconds. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  /** Length of the JSON in front of an inference answer's bytes. */
  readonly headerLength: number | undefined;
  readonly served: Served;
  /** When the first run began, in milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** Rows and seconds of each execution in turns: 100,000 objects would take the main thread 80 ms to read. */
  readonly runs: Float64Array<ArrayBuffer>;
  /** Some of the rows, `[m, width]`. */
  readonly sample: { readonly rows: Float32Array<ArrayBuffer>; readonly width: number };
}
