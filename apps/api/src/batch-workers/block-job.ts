import type { BatchAnswer } from "./batch-job.ts";
import type { BlockResult, BlockTask } from "@sepal/model/scoring/score-block";

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

/** The block's part of the result; or the block itself, when the thread has its model no more. */
export type BlockAnswer =
  | ({ readonly result: BlockResult } & Pick<BatchAnswer, "runs" | "sample">)
  | { readonly returned: BlockTask };
