import { readBlocks } from "@sepal/model/scoring/read-blocks";
import { blockScorer } from "@sepal/model/scoring/score-block";
import { scoreFile } from "@sepal/model/scoring/score-file";
import type { ServedModel } from "@sepal/model/served-model";
import type { Contract } from "@sepal/schema/define-contract";
import { DEFAULT_BATCH_SIZE } from "@sepal/schema/limits";
import { SepalError } from "@sepal/schema/sepal-error";
import { CollectedChunks } from "./collected-chunks.ts";
import { ClaimLostError, type Claim, type JobQueue, type Outcome } from "./job-store.ts";

/** How often a runner that only reads says that it is alive, in milliseconds. */
const RENEW_MS = 2000;

/** Pause before a job goes on that the store stopped, in milliseconds. */
const FAULT_RETRY_MS = 2000;

interface RunOptions {
  readonly queue: JobQueue;
  /** Opens a version of a model; fails when it does not serve. */
  readonly openModel: (model: string, version: string) => Promise<ServedModel>;
  /** Whether this runner is to stop at the next checkpoint. */
  readonly stopping: () => boolean;
  /** Told what failed that the client is not told. */
  readonly report: (error: unknown) => void;
  /** Most columns of a file. */
  readonly maxColumns: number;
}

/** Works on a claimed job until it ends, is taken away, or this runner stops; gives how it ended, if it did here. */
export async function runClaim(claim: Claim, options: RunOptions): Promise<Outcome | undefined> {
  const { queue } = options;
  try {
    const outcome = await outcomeOf(claim, options);
    await queue.end(claim, outcome);
    return outcome;
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

/** Counts the rows of a file that is begun, so that its progress can be told; reads it once more for that. */
async function countRows(claim: Claim, contract: Contract, options: RunOptions): Promise<void> {
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
  let total = 0;
  let seen = performance.now();
  for await (const { rows } of readBlocks(queue.input(claim, 0), source)) {
    if (stopping()) return;
    total += rows;
    if (performance.now() - seen < RENEW_MS) continue;
    await queue.renew(claim);
    seen = performance.now();
  }
  await queue.counted(claim, total);
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
  if (claim.rowsTotal === null) await countRows(claim, contract, options);
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
