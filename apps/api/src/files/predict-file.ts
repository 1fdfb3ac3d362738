import type { Call } from "@sepal/model/batching/backlog";
import { blockChecker, blockScorer, type BlockScorer } from "@sepal/model/scoring/score-block";
import { scoreFile, type ScoredChunk, type ScoreOptions } from "@sepal/model/scoring/score-file";
import type { ServedModel } from "@sepal/model/served-model";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Contract } from "@sepal/schema/define-contract";
import { fileQuery } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { BatchWorkers } from "../batch-workers/batch-workers.ts";
import { SpoolFile, type SpoolPlace } from "./spool-file.ts";
import { openUpload, passOver, type Upload } from "./upload.ts";
import { counted } from "../observability/metrics/inference-metrics.ts";
import { assertSpreadsheet } from "../operations/jobs.ts";
import { noteServed, parseQuery, selectModel } from "../operations/operation.ts";
import type { Settings } from "../settings/settings.ts";
import { freeSent } from "../http/response-streams.ts";
import { resultType } from "./file-type.ts";
import { SpillQueue } from "./spill-queue.ts";

/** What a file is scored with. */
interface ScoringParts {
  readonly model: ServedModel;
  /** Worker threads for the blocks; absent, they stay on this one. */
  readonly workers: BatchWorkers | undefined;
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

function scorers({ model, workers }: ScoringParts): { score: BlockScorer; check: BlockScorer } {
  if (workers !== undefined) {
    return { score: workers.scorer(model), check: workers.scorer(model, { checkOnly: true }) };
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
function scoreUpload(upload: Upload, parts: ScoringParts): Scoring {
  const { score } = scorers(parts);
  const options = { ...scoreOptions(upload, parts), score };
  return { chunks: scoreFile(upload.bytes, options), async [Symbol.asyncDispose]() {} };
}

/** Scores a file that has come in whole and has no bad row; fails with `invalid_input` at the first one it has. */
async function scoreStrictly(upload: Upload, parts: ScoringParts): Promise<Scoring> {
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
    // Checked as it comes in, so that a bad row is reported before the rest has come.
    for await (const _ of scoreFile(spooling(), { ...options, score: check, strict: true }));
    return { chunks: scoreFile(file.pieces(length), options), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Files scored at the same time in a process; each takes a few MiB of memory and what its reader leaves on disk. */
const MAX_FILES = 16;

/** Where spooled files lie. */
export function spoolFolder({ DATA_DIR }: Settings): string {
  return join(DATA_DIR, "spool");
}

interface FileRoute {
  readonly contract: Contract;
  readonly workers: BatchWorkers | undefined;
}

let running = 0;

/** Handles a file: scores it while it comes in, and sends the result while it is made. */
export function fileHandler({ contract, workers }: FileRoute) {
  async function scoreRequest(
    request: FastifyRequest,
    reply: FastifyReply,
    closing: DisposableStack,
  ): Promise<FastifyReply> {
    const { call, raw } = request;
    const { settings } = call.services;
    const spool = { folder: spoolFolder(settings), maxBytes: settings.SPOOL_MAX_BYTES };
    const query = parseQuery(fileQuery, request.query);
    const model = selectModel(contract, query, call);
    // The file has one model from its first row to its last, also when another one takes its place.
    closing.use(model.hold());
    const upload = await openUpload(raw, settings.MAX_FILE_BYTES, query.charset);
    const spreadsheet = query.spreadsheet === "true";
    assertSpreadsheet(upload.format, spreadsheet);
    const parts = { model, workers, spool, spreadsheet, maxColumns: settings.MAX_COLUMNS, call };
    const strict = query.strict === "true";
    const scoring = strict ? await scoreStrictly(upload, parts) : scoreUpload(upload, parts);
    const first = await scoring.chunks.next();
    const queue = new SpillQueue({
      createFile: () => SpoolFile.create(spool),
      mustTake: () => !upload.complete(),
    });
    if (closing.disposed) void queue.close();
    else closing.defer(() => void queue.close());
    const { name, version } = model;
    const count = ({ rows }: ScoredChunk) => noteServed(call, { model: name, version, rows });
    void (async () => {
      await using _ = scoring;
      try {
        for (let next = first; next.done !== true; next = await scoring.chunks.next()) {
          count(next.value);
          await queue.write(next.value.output);
        }
        queue.end();
      } catch (error) {
        if (!isCancelled(error)) request.exchange.failure = countFull(error, request);
        queue.fail(error);
        passOver(raw);
      }
    })();
    const result: Readable = Readable.from(
      freeSent(queue.read(), () => result.readableLength + reply.raw.writableLength),
      { objectMode: false },
    );
    return reply
      .headers({ "content-type": resultType(upload) })
      .headers({ "x-model-used": name, "x-model-version": version })
      .send(result);
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { observer } = request.call.services;
    if (running >= MAX_FILES) {
      const options = { reason: "files_full", retryS: 5 };
      throw counted(unavailable("too many files are being scored", options), observer);
    }
    running += 1;
    // One listener: streams have several of their own, and Node warns from the eleventh on.
    const closing = new DisposableStack();
    closing.defer(() => {
      running -= 1;
    });
    reply.raw.once("close", () => closing.dispose());
    return scoreRequest(request, reply, closing).catch((error: unknown) => {
      throw countFull(error, request);
    });
  };
}

/** Counts a file that there was no room for; the threads count their own rejections. */
function countFull<E>(error: E, { call }: FastifyRequest): E {
  const full = error instanceof SepalError && error.reason === "disk_full";
  return full ? counted(error, call.services.observer) : error;
}

function isCancelled(error: unknown): boolean {
  return error instanceof SepalError && error.code === "cancelled";
}
