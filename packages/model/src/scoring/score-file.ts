import type { Contract } from "@sepal/schema/define-contract";
import { DEFAULT_BATCH_SIZE } from "@sepal/schema/limits";
import type { Charset } from "@sepal/schema/predict-file";
import { abandoned, type Call } from "../batching/backlog.ts";
import type { BlockResult } from "@sepal/schema/files/block-rows";
import { concatenated, forms } from "@sepal/schema/files/bytes";
import {
  DEFAULT_MAX_COLUMNS,
  type FileFormat,
  type ScoringState,
} from "@sepal/schema/files/file-format";
import { readBlocks, type FileBlock } from "@sepal/schema/files/read-blocks";
import { GrowthBound } from "@sepal/schema/files/result-growth";
import type { BlockScorer } from "./score-block.ts";

/** Some records of the result. */
export interface ScoredChunk {
  /** Next bytes of the result file; all of them in turn are the file, header included. */
  readonly output: Uint8Array<ArrayBuffer>;
  /** Input consumed up to and including this chunk's last record, in bytes from the file's beginning. */
  readonly inputBytes: number;
  /** Rows of this chunk, the bad ones included. */
  readonly rows: number;
  /** Rows of this chunk that have an error instead of a prediction. */
  readonly badRows: number;
  /** To go on behind this chunk. */
  readonly state: ScoringState;
}

/** What to score and how. */
export interface ScoreOptions {
  readonly format: FileFormat;
  /** utf-8 when absent. */
  readonly charset?: Charset | undefined;
  /** Make the cells of a CSV result safe for spreadsheets. */
  readonly spreadsheet?: boolean | undefined;
  readonly contract: Contract;
  /** Scores the rows: `blockScorer(model)` on this thread, or one that hands blocks to others. */
  readonly score: BlockScorer;
  /** Most rows a chunk; 1000 when absent. A run that goes on must have the same. */
  readonly chunkRows?: number;
  /** Most columns of a CSV file, and keys of a JSON line; 2,000 when absent. */
  readonly maxColumns?: number;
  /** Chunks that are scored at the same time; 1 when absent. */
  readonly ahead?: number;
  /** Fail with `invalid_input` at the first bad row. */
  readonly strict?: boolean;
  /** Go on with an input that starts at `resume.inputBytes`. */
  readonly resume?: ScoringState | undefined;
  /** `cancelled` and `deadline` are looked at before each chunk. */
  readonly call?: Call;
}

interface Running {
  readonly block: FileBlock;
  readonly result: Promise<BlockResult>;
}

async function finish({ block, result }: Running, bound: GrowthBound): Promise<ScoredChunk> {
  const { output, badRows, growth } = await result;
  const { head, rows, state } = block;
  bound.add(growth, state);
  return {
    output: head === "" ? output : concatenated([forms.bytesOf(head), output]),
    inputBytes: state.inputBytes,
    rows,
    badRows,
    state,
  };
}

/**
 * Scores a file in constant memory: takes its bytes as they come and gives chunks of the result.
 *
 * The result does not depend on how the input is cut, and a run that goes on from a chunk's `state` gives the very
 * bytes that the first would have given. Nothing is given before the header was found good; an input that is empty
 * fails with `malformed_body`; a header that lacks a feature or has too many columns, a record of more than 1 MiB and a
 * result that grows out of proportion to the file fail with `invalid_input`.
 * While it waits for input only the end or failure of that input ends it.
 */
export async function* scoreFile(
  input: AsyncIterable<Uint8Array>,
  options: ScoreOptions,
): AsyncGenerator<ScoredChunk, void, void> {
  const { format, contract, resume, score, strict = false, ahead = 1, call = {} } = options;
  const { chunkRows = DEFAULT_BATCH_SIZE, maxColumns = DEFAULT_MAX_COLUMNS } = options;
  const { charset = "utf-8", spreadsheet = false } = options;
  const running: Running[] = [];
  const bound = new GrowthBound(resume?.inputBytes ?? 0);
  for await (const block of readBlocks(input, {
    format,
    charset,
    spreadsheet,
    contract,
    chunkRows,
    maxColumns,
    resume,
  })) {
    const reason = abandoned(call, performance.now());
    if (reason !== undefined) throw reason;
    const result = score({ ...block.task, strict }, call);
    // Each is awaited in its turn, or not at all when one before it fails.
    result.catch(() => {});
    running.push({ block, result });
    const first = running.length >= ahead ? running.shift() : undefined;
    if (first !== undefined) yield finish(first, bound);
  }
  for (const last of running) yield finish(last, bound);
}
