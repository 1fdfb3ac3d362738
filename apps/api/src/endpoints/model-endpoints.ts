import { getBackground } from "../operations/model-background.ts";
import { getModel, listModels } from "../operations/model-cards.ts";
import { ALWAYS, json } from "./endpoint.ts";
import { BACKGROUND, CARD } from "./examples.ts";
import { pathInput } from "./rest-routes.ts";

const tag = "models";

/** What models there are, what each promises, and the data it was trained on. */
export function modelEndpoints() {
  return {
    list: json({
      operation: listModels,
      rest: { method: "GET", path: "/models" },
      from: () => ({}),
      trpc: "query",
      tag,
      summary: "List the models",
      errors: ALWAYS,
      example: () => ({ response: { models: [CARD] } }),
    }),
    get: json({
      operation: getModel,
      rest: { method: "GET", path: "/models/:model_name" },
      from: pathInput,
      trpc: "query",
      tag,
      summary: "Describe one model",
      errors: [...ALWAYS, "not_found"],
      example: () => ({ response: CARD }),
    }),
    background: json({
      operation: getBackground,
      rest: { method: "GET", path: "/models/:model_name/background" },
      from: pathInput,
      trpc: false,
      tag,
      summary: "The rows a model was trained on, at most 500",
      errors: [...ALWAYS, "not_found"],
      example: () => ({ response: BACKGROUND }),
    }),
  };
}
