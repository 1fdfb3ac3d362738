import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { toSepalError } from "../errors/to-sepal-error.ts";
import { createJobHandler } from "../files/create-job-route.ts";
import type { LargeBatchLane } from "../batch-workers/large-batch-lane.ts";
import type { Settings } from "../settings/settings.ts";
import { fileHandler } from "../files/predict-file.ts";
import { FILE_BODY, passOver } from "../files/upload.ts";

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | string>;

/** Keeps the connection of a file that is rejected while it arrives: closing it would reset it under a client that is writing. */
function keepingConnection(handle: Handler): Handler {
  return async (request, reply) => {
    try {
      return await handle(request, reply);
    } catch (error) {
      if (toSepalError(error).reason === "disk_full") request.failure = error;
      if (!request.raw.complete) reply.header("connection", "keep-alive");
      passOver(request.raw);
      throw error;
    }
  };
}

/** Routes that take a file: `POST /predict-file`, also under `/v2`, and `POST /jobs`, both under each contract's name too. */
export async function fileRoutes(
  app: FastifyInstance,
  settings: Settings,
  lane: LargeBatchLane | undefined,
): Promise<void> {
  // Apart from the others, because the bodies of these routes are read by their handler.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    const config = { body: FILE_BODY, maxBytes: settings.MAX_FILE_BYTES };
    const all = [["", defaultContract], ["/v2", defaultContract], ...prefixed()] as const;
    for (const [prefix, contract] of all) {
      scope.post(
        `${prefix}/predict-file`,
        { config },
        keepingConnection(fileHandler({ contract, lane, settings })),
      );
      // `/v2` names the strict predictions, and a job has one address.
      if (prefix === "/v2") continue;
      scope.post(
        `${prefix}/jobs`,
        { config },
        keepingConnection(createJobHandler(contract, settings.MAX_FILE_BYTES)),
      );
    }
  });
}

function prefixed() {
  return Object.entries(contracts).map(([name, contract]) => [`/${name}`, contract] as const);
}
