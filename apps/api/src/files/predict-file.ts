import { join } from "node:path";
import { Readable } from "node:stream";
import type { ScoredChunk } from "@sepal/model/scoring/score-file";
import type { Contract } from "@sepal/schema/define-contract";
import { fileQuery } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { LargeBatchLane } from "../batch-workers/large-batch-lane.ts";
import { counted } from "../observability/metrics/refusals.ts";
import { noteServed } from "../observability/served.ts";
import { assertSpreadsheet } from "../operations/create-job.ts";
import { parseQuery } from "../operations/operation.ts";
import { selectModel } from "../operations/select-model.ts";
import type { Settings } from "../settings/settings.ts";
import { freeSent } from "./free-sent.ts";
import { resultType } from "./file-type.ts";
import { scoreStrictly, scoreUpload } from "./score-upload.ts";
import { SpillQueue } from "./spill-queue.ts";
import { SpoolFile } from "./spool-file.ts";
import { openUpload, passOver } from "./upload.ts";

/** Files scored at the same time in a process; each takes a few MiB of memory and what its reader leaves on disk. */
const MAX_FILES = 16;

/** Where spooled files lie. */
export function spoolFolder({ DATA_DIR }: Settings): string {
  return join(DATA_DIR, "spool");
}

interface FileRoute {
  readonly contract: Contract;
  readonly lane: LargeBatchLane | undefined;
}

let running = 0;

/** Handles a file: scores it while it comes in, and sends the result while it is made. */
export function fileHandler({ contract, lane }: FileRoute) {
  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { call, raw } = request;
    const { settings } = call.services;
    const spool = { folder: spoolFolder(settings), maxBytes: settings.SPOOL_MAX_BYTES };
    const query = parseQuery(fileQuery, request.query);
    const model = selectModel(contract, query, call);
    // The file has one model from its first row to its last, also when another one takes its place.
    const held = model.hold();
    reply.raw.once("close", () => held[Symbol.dispose]());
    const upload = await openUpload(raw, settings.MAX_FILE_BYTES, query.charset);
    const spreadsheet = query.spreadsheet === "true";
    assertSpreadsheet(upload.format, spreadsheet);
    const parts = { model, lane, spool, spreadsheet, maxColumns: settings.MAX_COLUMNS, call };
    const strict = query.strict === "true";
    const scoring = strict ? await scoreStrictly(upload, parts) : scoreUpload(upload, parts);
    const first = await scoring.chunks.next();
    const queue = new SpillQueue({
      createFile: () => SpoolFile.create(spool),
      mustTake: () => !upload.complete(),
    });
    reply.raw.once("close", () => void queue.close());
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
        if (!isCancelled(error)) request.failure = countFull(error, request);
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
    reply.raw.once("close", () => {
      running -= 1;
    });
    return answer(request, reply).catch((error: unknown) => {
      throw countFull(error, request);
    });
  };
}

/** Counts a file that there was no room for; what the threads refuse they count themselves. */
function countFull<E>(error: E, { call }: FastifyRequest): E {
  const full = error instanceof SepalError && error.reason === "disk_full";
  return full ? counted(error, call.services.observer) : error;
}

function isCancelled(error: unknown): boolean {
  return error instanceof SepalError && error.code === "cancelled";
}
