import { getBackground, getModel, listModels } from "../operations/model-cards.ts";
import { MEDIA_TYPE } from "@sepal/evaluator/binary-form";
import { SepalError } from "@sepal/schema/sepal-error";
import { hasEntityTag } from "../http/entity-tag.ts";
import { requirePublished } from "../operations/publishing.ts";
import { bytes, json, pathParameters } from "./endpoint.ts";
import { BACKGROUND, CARD } from "./examples.ts";

const tag = "models";

const EVALUATOR_PATH = "/models/:model_name/versions/:model_version/evaluator";

/** What models there are, what each promises, and the data it was trained on. */
export function modelEndpoints() {
  return {
    list: json({
      operation: listModels,
      rest: { method: "GET", path: "/models" },
      trpc: "query",
      tag,
      summary: "List the models",
      description:
        "Models of every contract, with features, training ranges, accuracy, checksum and state.",
      example: () => ({ response: { models: [CARD] } }),
    }),
    get: json({
      operation: getModel,
      rest: { method: "GET", path: "/models/:model_name" },
      trpc: "query",
      tag,
      models: {},
      summary: "Describe one model",
      description: "Its features with their training ranges, its versions and their state.",
      errors: ["not_found"],
      example: () => ({ response: CARD }),
    }),
    background: json({
      operation: getBackground,
      rest: { method: "GET", path: "/models/:model_name/background" },
      trpc: false,
      tag,
      models: {},
      summary: "Get training rows of a model, at most 500",
      description:
        "A sample where there are more; explanations use them as background. Only where `PUBLISH_MODELS` publishes them; 503 with the reason where the repository does not have them.",
      errors: ["not_found", "unavailable"],
      example: () => ({ response: BACKGROUND }),
    }),
    evaluator: bytes({
      rest: { method: "GET", path: EVALUATOR_PATH },
      handler({ params, call, headers }, reply) {
        const { model_name, model_version }: Record<string, string> = Object(params);
        const served = call.services.registry.resolve(model_name, model_version);
        const { source, name, version } = served;
        if (source.engine.name !== "evaluator") {
          const why = `${name} ${version} is not evaluated: ${source.engine.reason}`;
          throw new SepalError("not_found", why);
        }
        requirePublished(served, "the evaluator's form", call.services);
        const tag = `"${source.manifest.files["model.onnx"].sha256}"`;
        reply.headers({ etag: tag, "cache-control": "private, max-age=31536000, immutable" });
        if (hasEntityTag(headers["if-none-match"], tag)) return reply.code(304).send();
        // Memory that threads share cannot be sent as it is.
        return reply.header("content-type", MEDIA_TYPE).send(Buffer.from(source.bytes));
      },
      models: {},
      tag,
      summary: "Download a model in the evaluator's format",
      description:
        "Trees or coefficients, from which `@sepal/client` and the playground compute the same bits as the server. Only where `PUBLISH_MODELS` publishes them. The entity tag is the checksum of the model.",
      errors: ["not_found"],
      document: () => ({
        requestParams: { path: pathParameters(EVALUATOR_PATH) },
        responses: {
          200: {
            description: "The model",
            content: {
              [MEDIA_TYPE]: { schema: { type: "string", format: "binary" }, example: "SEPL" },
            },
          },
        },
      }),
    }),
  };
}
