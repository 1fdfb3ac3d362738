import type { BlockResult, BlockTask } from "@sepal/schema/files/block-rows";
import type { RegistryImage } from "@sepal/model/repository/model-mirror";
import type { InferBytes } from "../operations/infer/infer-request.ts";
import type { Served, PackedBatch } from "../context.ts";
import type { Settings } from "../settings/settings.ts";

/** A `predictBatch` call: its contract, its schema, and the text before and after its result, such as a tRPC envelope. */
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

/** The response, ready for the socket, and what was done for it. */
export interface BatchResult {
  /** The text in parts of one large execution or several small ones: one write of 6 MB would hold the event loop for milliseconds. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  /** Length of the JSON in front of an inference response's bytes. */
  readonly headerLength: number | undefined;
  readonly served: Served;
  /** When the first run began, in milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** Rows and seconds of each execution in turns: 100,000 objects would take the main thread 80 ms to read. */
  readonly runs: Float64Array<ArrayBuffer>;
  /** Some of the rows, `[m, width]`. */
  readonly sample: { readonly rows: Float32Array<ArrayBuffer>; readonly width: number };
}

/** The contract of a batch, where its input is, and how its result is wrapped. */
export interface BatchRoute {
  readonly contract: string;
  readonly lenient?: boolean;
  readonly envelope?: readonly [string, string];
  /** Where in the body the input is; absent, it is the body. */
  readonly inputKey?: string;
}

/** A block of a file, for a worker thread to score or only to check. */
export interface BlockJob {
  readonly contract: string;
  readonly model: string;
  readonly version: string;
  /** Id of the model's source: the version may have been replaced meanwhile, and a file has one model. */
  readonly source: number;
  readonly task: BlockTask;
  readonly checkOnly: boolean;
}

/** The block's part of the result; or the block itself, when the thread no longer has its model. */
export type BlockJobResult =
  | ({ readonly result: BlockResult } & Pick<BatchResult, "runs" | "sample">)
  | { readonly returned: BlockTask };

interface BodyJob {
  /** A request's body; moved, not copied. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A batch to be read and checked, whose rows the main thread runs as their client reads the predictions. */
export interface ReadRowsJob extends BodyJob {
  readonly kind: "readRows";
  readonly contract: string;
  readonly lenient: boolean;
  /** Where in the body the input is; absent, it is the body. */
  readonly inputKey: string | undefined;
}

/** A body to be weighed before the main thread parses it. */
interface WeighJob extends BodyJob {
  readonly kind: "weigh";
}

/** Work of a thread that only reads. */
export type ReadJob = ReadRowsJob | WeighJob;

/** What a thread read. */
export type ReadResult = PackedBatch | { readonly kind: "weigh" };

/** Whether a job or a result is of this kind. */
export function isRead<R extends ReadJob | ReadResult>(value: R | object): value is R {
  return "kind" in value && (value.kind === "readRows" || value.kind === "weigh");
}

/** What a worker thread is started with. */
export interface BatchWorkerData {
  readonly settings: Settings;
  readonly image: RegistryImage;
}

/** What a worker thread is sent: work, or what its models are from now on. */
export type ToBatchWorker = BatchJob | BlockJob | ReadJob | { readonly image: RegistryImage };
