import type { Call } from "@sepal/model/batching/backlog";
import { blockChecker, blockScorer, type BlockScorer } from "@sepal/model/scoring/score-block";
import { scoreFile, type ScoredChunk, type ScoreOptions } from "@sepal/model/scoring/score-file";
import type { ServedModel } from "@sepal/model/served-model";
import type { LargeBatchLane } from "../batch-workers/large-batch-lane.ts";
import { SpoolFile, type SpoolPlace } from "./spool-file.ts";
import type { Upload } from "./upload.ts";

/** What a file is scored with. */
export interface ScoringParts {
  readonly model: ServedModel;
  /** Worker threads for the blocks; absent, they stay on this one. */
  readonly lane: LargeBatchLane | undefined;
  /** Where to keep what lies on disk meanwhile. */
  readonly spool: SpoolPlace;
  /** Make the cells of a CSV result safe for spreadsheets. */
  readonly spreadsheet: boolean;
  /** Most columns of the file. */
  readonly maxColumns: number;
  readonly call: Call;
}

/** Blocks of a file that are with the threads at the same time: one that runs and one that waits for it. */
const AHEAD = 2;

/** Chunks of a result, and what is to be given back behind them. */
interface Scoring extends AsyncDisposable {
  readonly chunks: AsyncGenerator<ScoredChunk, void, void>;
}

function scorers({ model, lane }: ScoringParts): { score: BlockScorer; check: BlockScorer } {
  if (lane !== undefined) {
    return { score: lane.scorer(model), check: lane.scorer(model, { checkOnly: true }) };
  }
  return { score: blockScorer(model), check: blockChecker(model.contract) };
}

function scoreOptions(
  { format, charset }: Upload,
  { model, spreadsheet, maxColumns, call }: ScoringParts,
): Omit<ScoreOptions, "score"> {
  const { contract } = model;
  return { format, charset, spreadsheet, contract, ahead: AHEAD, maxColumns, call };
}

/** Scores a file while it comes in. */
export function scoreUpload(upload: Upload, parts: ScoringParts): Scoring {
  const { score } = scorers(parts);
  const options = { ...scoreOptions(upload, parts), score };
  return { chunks: scoreFile(upload.bytes, options), async [Symbol.asyncDispose]() {} };
}

/** Scores a file that has come in whole and has no bad row; fails with `invalid_input` at the first one it has. */
export async function scoreStrictly(upload: Upload, parts: ScoringParts): Promise<Scoring> {
  const { spool } = parts;
  const { score, check } = scorers(parts);
  const file = await SpoolFile.create(spool);
  const dispose = () => file.close();
  try {
    let length = 0;
    async function* spooling() {
      for await (const piece of upload.bytes) {
        await file.write(piece, length);
        length += piece.length;
        yield piece;
      }
    }
    const options = { ...scoreOptions(upload, parts), score };
    // Checked as it comes in, so that a bad row is told before the rest has come.
    for await (const _ of scoreFile(spooling(), { ...options, score: check, strict: true }));
    return { chunks: scoreFile(file.pieces(length), options), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
