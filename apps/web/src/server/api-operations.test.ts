import { expect, test } from "vitest";
import { groupOperations } from "./api-operations.ts";

const body = (name: string) => ({ content: { "application/json": { schema: { $ref: name } } } });
const predict = (tag: string, name: string) => ({
  post: { summary: "Predict one row", tags: [tag], requestBody: body(name) },
});

test("paths that do the same are one operation with aliases, others stay apart", () => {
  const found = groupOperations({
    paths: {
      "/predict": predict("predictions", "Iris"),
      "/iris/predict": predict("iris", "Iris"),
      "/wine/predict": predict("wine", "Wine"),
      "/predict/{model_name}": predict("predictions", "Iris"),
      "/v2/predict": predict("predictions", "Iris"),
      "/health": { get: { summary: "Health" } },
    },
  });
  const shape = found.state === "on" ? found.groups : [];
  expect(
    shape.map(([tag, list]) => [tag, list.map(({ path, aliases }) => [path, ...aliases])]),
  ).toEqual([
    ["predictions", [["/predict", "/iris/predict", "/v2/predict"], ["/predict/{model_name}"]]],
    ["wine", [["/wine/predict"]]],
    ["other", [["/health"]]],
  ]);
});

test("what is no document is none", () => {
  expect(groupOperations([])).toEqual({ state: "off" });
});
