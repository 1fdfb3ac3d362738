import {
  repositoryIndex,
  repositoryIndexRequest,
  repositoryModelRequest,
} from "@sepal/schema/model-repository";
import type * as z from "zod";
import type { ZodOpenApiOperationObject } from "zod-openapi";
import { modelName } from "./path-builders.ts";

/** What a server answers that serves the models Sepal comes with. */
const INDEX = ["iris-forest", "iris-logistic", "iris-mlp", "wine-forest"].map((name) => ({
  name,
  version: "1",
  state: "READY",
  reason: "",
}));

function body(schema: z.ZodType, example: object) {
  return { required: false, content: { "application/json": { schema, example } } };
}

function change(id: string, summary: string, description: string): ZodOpenApiOperationObject {
  return {
    operationId: id,
    tags: ["open inference protocol"],
    summary,
    description,
    requestParams: { path: modelName },
    requestBody: body(repositoryModelRequest, {}),
    responses: { 200: { description: "Done, in all processes of the server; the body is empty" } },
  };
}

/** Paths of the model repository extension; those that change something only where there are admins. */
export function repositoryPaths(admins: boolean) {
  const index: ZodOpenApiOperationObject = {
    operationId: "oipRepositoryIndex",
    tags: ["open inference protocol"],
    summary: "Every version of every model with its state",
    requestBody: body(repositoryIndexRequest, { ready: true }),
    responses: {
      200: {
        description: "Successful response",
        content: { "application/json": { schema: repositoryIndex, example: INDEX } },
      },
    },
  };
  const load = change(
    "oipRepositoryLoad",
    "Load a model, or load again what has changed",
    "Answers when every version is loaded and proved, or with 400 and the reasons; what served before goes on then.",
  );
  const unload = change(
    "oipRepositoryUnload",
    "Take a model out of service",
    "Work in flight is finished. The model stays out until it is loaded again or its files change.",
  );
  const model = "/v2/repository/models/{model_name}";
  return {
    "/v2/repository/index": { post: index },
    ...(admins && { [`${model}/load`]: { post: load }, [`${model}/unload`]: { post: unload } }),
  };
}
