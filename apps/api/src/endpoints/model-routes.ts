import type { FastifyInstance } from "fastify";
import { getBackground } from "../operations/model-background.ts";
import { getModel, listModels } from "../operations/model-cards.ts";
import { asJson } from "../http/json.ts";

interface ModelParams {
  Params: { model_name: string };
}

/** What models there are, what each promises, and the data it was trained on. */
export function modelRoutes(app: FastifyInstance): void {
  app.get("/models", (request, reply) => asJson(reply, listModels.run({}, request.call)));
  app.get<ModelParams>("/models/:model_name", (request, reply) =>
    asJson(reply, getModel.run(request.params, request.call)),
  );
  app.get<ModelParams>("/models/:model_name/background", async (request, reply) =>
    asJson(reply, await getBackground.run(request.params, request.call)),
  );
}
