import type { Served } from "../operations/operation.ts";
import type { Settings } from "../settings.ts";

/** What a worker thread is started with. */
export interface BatchWorkerData {
  readonly settings: Settings;
}

/** A batch as it came from the socket, for a worker thread to parse, check, run and write. */
export interface BatchJob {
  readonly contract: string;
  readonly lenient: boolean;
  /** The request's body; moved, not copied. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Text before and after the answer, such as a tRPC envelope. */
  readonly envelope: readonly [before: string, after: string];
  readonly requestId: string;
  /** Milliseconds since the Unix epoch, because each thread's clock starts with it. */
  readonly arrivedAt: number;
  readonly deadlineAt: number | undefined;
  /** Not 0 once the client is gone. */
  readonly cancelled: Int32Array<SharedArrayBuffer>;
}

/** The answer, ready for the socket, and what was done for it. */
export interface BatchAnswer {
  /** The text in parts of one large execution or several small ones: one write of 6 MB would hold the event loop for milliseconds. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  readonly served: Served;
  /** Rows and seconds of each execution in turns: 100,000 objects would take the main thread 80 ms to read. */
  readonly runs: Float64Array<ArrayBuffer>;
}
