import type { PackedBatch } from "../context.ts";

interface BodyJob {
  /** A request's body; moved, not copied. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A batch to be read and checked, whose rows the main thread runs as their client reads the answers. */
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

/** What is asked of a thread that only reads. */
export type ReadJob = ReadRowsJob | WeighJob;

/** What a thread read. */
export type ReadAnswer = PackedBatch | { readonly kind: "weigh" };

/** Whether a job or an answer is of this kind. */
export function isRead<R extends ReadJob | ReadAnswer>(value: R | object): value is R {
  return "kind" in value && (value.kind === "readRows" || value.kind === "weigh");
}
