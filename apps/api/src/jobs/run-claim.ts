import { scoreFile, type ScoredChunk } from "@sepal/model/scoring/score-file";
import { readBlocks } from "@sepal/schema/files/read-blocks";
import { blockScorer } from "@sepal/model/scoring/score-block";
import type { ServedModel } from "@sepal/model/served-model";
import type { ScoringState } from "@sepal/schema/files/file-format";
import type { JobStatus } from "@sepal/schema/job";
import { DEFAULT_BATCH_SIZE } from "@sepal/schema/limits";
import { SepalError } from "@sepal/schema/sepal-error";
import {
  ClaimLostError,
  type Progress,
  type Claim,
  type JobQueue,
  type Outcome,
} from "./job-store.ts";

/** How long results are collected before they are written, in milliseconds, and how many bytes at most. */
const CHECKPOINT_MS = 100;
const CHECKPOINT_BYTES = 4 * 2 ** 20;

/** Chunks that wait to be written together: each writing waits for the disk. */
class CollectedChunks {
  #output: Uint8Array[] = [];
  #bytes = 0;
  #rows = 0;
  #badRows = 0;
  #last: ScoredChunk | undefined;
  #since = performance.now();
  readonly #checksum: string;

  /** `checksum` is that of the model that makes them. */
  constructor(checksum: string) {
    this.#checksum = checksum;
  }

  add(chunk: ScoredChunk): void {
    this.#output.push(chunk.output);
    this.#bytes += chunk.output.byteLength;
    this.#rows += chunk.rows;
    this.#badRows += chunk.badRows;
    this.#last = chunk;
  }

  /** Whether it is time to write them. */
  get due(): boolean {
    return this.#bytes >= CHECKPOINT_BYTES || performance.now() - this.#since >= CHECKPOINT_MS;
  }

  /** All of them as one step, and begins anew; absent where there are none. */
  take(): Progress | undefined {
    const state = this.#last?.state;
    const progress = state && {
      output: this.#output,
      rows: this.#rows,
      badRows: this.#badRows,
      state,
      checksum: this.#checksum,
    };
    this.#output = [];
    this.#bytes = 0;
    this.#rows = 0;
    this.#badRows = 0;
    this.#last = undefined;
    this.#since = performance.now();
    return progress;
  }
}

/** How often a runner that only reads renews its claim, in milliseconds. */
const RENEW_MS = 2000;

/** Pause before a job goes on that the store stopped, in milliseconds. */
const FAULT_RETRY_MS = 2000;

interface RunOptions {
  readonly queue: JobQueue;
  /** Opens a version of a model; fails when it does not serve. */
  readonly openModel: (model: string, version: string) => Promise<ServedModel>;
  /** Whether this runner is to stop at the next checkpoint. */
  readonly stopping: () => boolean;
  /** Called with failures that clients do not see. */
  readonly report: (error: unknown) => void;
  /** Most columns of a file. */
  readonly maxColumns: number;
}

/** Works on a claimed chunk until it ends, is taken away, or this runner stops; returns what became of the job, if it is known here. */
export async function runClaim(claim: Claim, options: RunOptions): Promise<JobStatus | undefined> {
  const { queue } = options;
  try {
    return await queue.end(claim, await outcomeOf(claim, options));
  } catch (error) {
    if (error instanceof ClaimLostError) return undefined;
    throw error;
  }
}

async function outcomeOf(claim: Claim, options: RunOptions): Promise<Outcome> {
  try {
    return await scoreClaim(claim, options);
  } catch (error) {
    // Of a cancelled job the files are gone: what fails then is no news.
    await options.queue.assertHeld(claim);
    const fault = options.queue.fault(error);
    if (fault !== undefined) {
      options.report(error);
      return { status: "queued", error: fault, delayMs: FAULT_RETRY_MS };
    }
    // A model that could not be opened because this process ends may be opened by the next one.
    if (options.stopping() && error instanceof SepalError && error.code === "unavailable") {
      return { status: "queued", error: null, delayMs: 0 };
    }
    if (error instanceof SepalError && error.code !== "internal") {
      return { status: "failed", error: error.message };
    }
    options.report(error);
    return { status: "failed", error: "internal error" };
  }
}

/** Counts the rows of a file whose scoring begins, for its progress, and cuts it; reads the file once more for that. */
async function countRows(
  claim: Claim,
  { contract, manifest }: ServedModel,
  options: RunOptions,
): Promise<void> {
  const { queue, stopping, maxColumns } = options;
  const { format, charset, spreadsheet } = claim.order;
  const chunkRows = DEFAULT_BATCH_SIZE;
  const source = {
    format,
    charset,
    spreadsheet,
    contract,
    chunkRows,
    maxColumns,
    resume: undefined,
  };
  const cuts: ScoringState[] = [];
  let rowsTotal = 0;
  // What was scored in one piece goes on in one.
  let cutAt = claim.state === null ? queue.chunkBytes : Number.POSITIVE_INFINITY;
  let last: ScoringState | undefined;
  let seen = performance.now();
  for await (const { rows, state } of readBlocks(queue.input(claim, 0), source)) {
    if (stopping()) return;
    // Behind a block, once there is another.
    if (last !== undefined && last.inputBytes >= cutAt) {
      cuts.push(last);
      cutAt = last.inputBytes + queue.chunkBytes;
    }
    last = state;
    rowsTotal += rows;
    if (performance.now() - seen < RENEW_MS) continue;
    await queue.renew(claim);
    seen = performance.now();
  }
  const { sha256 } = manifest.files["model.onnx"];
  await queue.counted(claim, { rowsTotal, cuts, checksum: sha256 });
}

/** Fails where rows of the job were scored with other files of the same version: a result has one model. */
function assertSameModel({ order, checksum }: Claim, now: string): void {
  if (checksum === null || checksum === now) return;
  const { model, version } = order;
  const was = `the job began with ${checksum}, and now it is ${now}`;
  const message = `version ${version} of model "${model}" has changed: ${was}; send the file again`;
  throw new SepalError("conflict", message);
}

async function scoreClaim(claim: Claim, options: RunOptions): Promise<Outcome> {
  const { queue, openModel, stopping, maxColumns } = options;
  const { order, state } = claim;
  const model = await openModel(order.model, order.version);
  const { contract, manifest } = model;
  const { sha256 } = manifest.files["model.onnx"];
  assertSameModel(claim, sha256);
  if (claim.rowsTotal === null) await countRows(claim, model, options);
  if (stopping()) return { status: "queued", error: null, delayMs: 0 };
  const { format, charset, spreadsheet, strict } = order;
  const collected = new CollectedChunks(sha256);
  const save = async () => {
    const progress = collected.take();
    if (progress !== undefined) await queue.checkpoint(claim, progress);
  };
  const chunks = scoreFile(queue.input(claim, state?.inputBytes ?? 0), {
    format,
    charset,
    spreadsheet,
    contract,
    strict,
    maxColumns,
    score: blockScorer(model),
    resume: state ?? undefined,
  });
  for await (const chunk of chunks) {
    // A cancelled job stops here, within one chunk of rows.
    await queue.assertHeld(claim);
    collected.add(chunk);
    if (collected.due || stopping()) await save();
    if (stopping()) return { status: "queued", error: null, delayMs: 0 };
  }
  await save();
  return { status: "succeeded" };
}
