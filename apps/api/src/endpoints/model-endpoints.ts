import { getBackground, getModel, listModels } from "../operations/model-cards.ts";
import { json } from "./endpoint.ts";
import { BACKGROUND, CARD } from "./examples.ts";

const tag = "models";

/** What models there are, what each promises, and the data it was trained on. */
export function modelEndpoints() {
  return {
    list: json({
      operation: listModels,
      rest: { method: "GET", path: "/models" },
      trpc: "query",
      tag,
      summary: "List the models",
      example: () => ({ response: { models: [CARD] } }),
    }),
    get: json({
      operation: getModel,
      rest: { method: "GET", path: "/models/:model_name" },
      trpc: "query",
      tag,
      summary: "Describe one model",
      errors: ["not_found"],
      example: () => ({ response: CARD }),
    }),
    background: json({
      operation: getBackground,
      rest: { method: "GET", path: "/models/:model_name/background" },
      trpc: false,
      tag,
      summary: "The rows a model was trained on, at most 500",
      errors: ["not_found"],
      example: () => ({ response: BACKGROUND }),
    }),
  };
}
