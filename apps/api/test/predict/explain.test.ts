import { writeFile } from "node:fs/promises";
import { wine } from "@sepal/schema/contracts/wine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { copyOfModels } from "../support/model-repository.ts";
import { singleClient, streamClient } from "../support/trpc-client.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const FEATURES: [number, number, number, number] = [6, 2.7, 5.1, 1.6];
const NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"];

interface Explained {
  readonly proba: readonly number[];
  readonly base: readonly number[];
  readonly contributions: Readonly<Record<string, readonly number[]>>;
}

/** Largest distance of base plus contributions from the probabilities. */
function gap({ proba, base, contributions }: Explained): number {
  expect(Object.keys(contributions)).toEqual(NAMES);
  const sums = base.map((value, index) =>
    Object.values(contributions).reduce((sum, added) => sum + (added[index] ?? NaN), value),
  );
  return Math.max(...sums.map((sum, index) => Math.abs(sum - (proba[index] ?? NaN))));
}

describe.each(["iris-forest", "iris-logistic", "iris-mlp"])("%s", (model_name) => {
  test("is explained alike over every face, and adds up to its prediction", async () => {
    const request = { features: FEATURES, model_name };
    const { body: predicted } = await post(`${api.url}/predict`, request);
    const answers = [
      (await post(`${api.url}/explain`, request)).body,
      (await post(`${api.url}/iris/explain`, request)).body,
      await singleClient(api.url).explain.mutate(request),
      await streamClient(api.url).iris.explain.mutate(request),
    ];
    for (const answer of answers) {
      expect(answer).toEqual({ ...answers[0], processing_time_ms: expect.any(Number) });
      expect(answer).toMatchObject({ model_used: model_name, model_version: "1" });
      expect(answer.proba).toEqual(predicted.proba);
      expect(gap(answer)).toBeLessThan(1e-6);
    }
  });
});

test("the average of the training rows is the base", async () => {
  const { body: background } = await send(`${api.url}/models/iris-logistic/background`);
  const batch = { rows: background.rows, model_name: "iris-logistic" };
  const { predictions } = (await post(`${api.url}/predict-batch`, batch)).body;
  const request = { features: FEATURES, model_name: "iris-logistic" };
  const { base } = (await post(`${api.url}/explain`, request)).body;
  for (const index of [0, 1, 2]) {
    const sum = predictions.reduce(
      (total: number, { proba }: { proba: number[] }) => total + (proba[index] ?? NaN),
      0,
    );
    expect(base[index]).toBeCloseTo(sum / 150, 6);
  }
});

test.each([
  [{ features: [1, 2, 3] }, 422, { type: "too_short", loc: ["body", "features"] }],
  [{ features: [1, 2, 3, -4] }, 422, { type: "greater_than", loc: ["body", "features", 3] }],
  [{ features: FEATURES, row: 1 }, 422, { type: "extra_forbidden", loc: ["body", "row"] }],
])("refuses %j as a prediction does", async (request, status, entry) => {
  const { body, ...reply } = await post(`${api.url}/explain`, request);
  expect(reply.status).toBe(status);
  expect(body.detail).toMatchObject([entry]);
  const over = await post(`${api.url}/trpc/explain`, request);
  expect(over.body.error.data).toMatchObject({ httpStatus: status, detail: body.detail });
});

test("an unknown model is 404, and no deadline is met by an explanation of 0 ms", async () => {
  const unknown = { features: FEATURES, model_name: "rose" };
  expect((await post(`${api.url}/explain`, unknown)).status).toBe(404);
  const headers = { "x-request-timeout-ms": "0" };
  const late = await post(`${api.url}/explain`, { features: FEATURES }, headers);
  expect(late.status).toBe(504);
});

test("counts its executions in a lane of its own, and logs one row", async () => {
  const headers = { "x-request-id": "explained" };
  await post(`${api.url}/explain`, { features: FEATURES }, headers);
  const { text } = await send(`${api.url}/metrics`);
  const labels = 'model="iris-forest",version="1",lane="explain"';
  const count = (name: string) =>
    Number(new RegExp(`^${name}\\{${labels}\\} (\\d+)`, "m").exec(text)?.[1]);
  const explanations = count("inference_rows_total") / (15 * 150 + 1);
  expect(Number.isInteger(explanations)).toBe(true);
  expect(count("inference_executions_total")).toBe(explanations * 5);
  const line = () => api.log.find(({ request_id }) => request_id === "explained");
  await eventually(() => line() !== undefined, "the explanation is logged");
  expect(line()).toMatchObject({ route: "/explain", rows: 1, model: "iris-forest" });
});

test("a model that takes too many rows says so on its card, and asking anyway is 422", async () => {
  const { body: card } = await send(`${api.url}/models/wine-forest`);
  const reason = "13 features against 178 training rows: 1458176 rows, more than 200000";
  const explain = { offered: false, reason: expect.stringContaining(reason) };
  expect(card).toMatchObject({ explain, versions: [{ explain }] });
  const { features } = wine.examples[0];
  const { status, body } = await post(`${api.url}/wine/explain`, { features });
  expect(status).toBe(422);
  const loc = ["body", "model_name"];
  const entry = { type: "value_error", loc, msg: expect.stringContaining(reason) };
  expect(body.detail).toMatchObject([entry]);
  const forest = await send(`${api.url}/models/iris-forest`);
  expect(forest.body.explain).toEqual({ offered: true, reason: null });
});

test("training data that is not what the model was trained on is a failure of the server", async () => {
  await using models = await copyOfModels();
  await writeFile(models.file("datasets", "iris.csv"), "something else");
  await using broken = await startApi({ variables: { MODELS_DIR: models.path } });
  const reply = await post(`${broken.url}/explain`, { features: FEATURES });
  expect(reply.status).toBe(500);
  expect(reply.text).not.toContain("iris.csv");
  expect((await post(`${broken.url}/predict`, { features: FEATURES })).status).toBe(200);
});
