import { repositoryIndexRequest, repositoryModelRequest } from "@sepal/schema/model-repository";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type * as z from "zod";
import { parseJsonBytes } from "../http/json.ts";
import { ANY_BODY } from "../http/route-rules.ts";
import { adminRoutes } from "../auth/admin-routes.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { indexRepository } from "../operations/model-repository.ts";
import { parseInput } from "../operations/operation.ts";
import type { Services } from "../context.ts";
import { sendOip } from "./send-oip.ts";

interface ModelParams {
  Params: { model_name: string };
}

/** The body as the protocol has it; an empty one stands for an empty object, as its clients send it. */
function readBody<T>({ body }: FastifyRequest, schema: z.ZodType<T>): T {
  const empty = !Buffer.isBuffer(body) || body.length === 0;
  return parseInput(schema, empty ? {} : parseJsonBytes(body));
}

/** What Triton takes to load a model from the request itself: here the files are the truth. */
function refuseOverrides(parameters: object | null | undefined): void {
  for (const name of Object.keys(parameters ?? {})) {
    if (name !== "config" && !name.startsWith("file:")) continue;
    const message = `parameter "${name}" is not supported: models are loaded from their files`;
    throw new SepalError("malformed_request", message);
  }
}

/** The model repository extension of the Open Inference Protocol; loading and unloading are for admins. */
export function oipRepositoryRoutes(
  app: FastifyInstance,
  { registry, repository }: Services,
  authenticator: Authenticator,
): void {
  app.post("/v2/repository/index", { config: { body: ANY_BODY } }, (request, reply) => {
    const { ready = false } = readBody(request, repositoryIndexRequest);
    return sendOip(reply, indexRepository(registry, ready));
  });
  if (repository === undefined) return;
  adminRoutes(app, authenticator, (app, admin) => {
    const options = { config: { ...admin.config, body: ANY_BODY } };
    const path = "/v2/repository/models/:model_name";
    app.post<ModelParams>(`${path}/load`, options, async (request, reply) => {
      const { parameters } = readBody(request, repositoryModelRequest);
      refuseOverrides(parameters);
      await repository.load(request.params.model_name);
      return reply.send();
    });
    app.post<ModelParams>(`${path}/unload`, options, async (request, reply) => {
      readBody(request, repositoryModelRequest);
      await repository.unload(request.params.model_name);
      return reply.send();
    });
  });
}
