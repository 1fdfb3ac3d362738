import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInferenceSession } from "@sepal/model/session/inference-session";
import { wine } from "@sepal/schema/contracts/wine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { wave } from "../support/hostile-onnx.ts";
import { copyOfModels, writeVersion } from "../support/model-repository.ts";
import { singleClient, streamClient } from "../support/trpc-client.ts";

const MODELS = fileURLToPath(new URL("../../../../models", import.meta.url));

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

describe("a model of many features", () => {
  interface WineExplained {
    readonly method: string;
    readonly proba: readonly number[];
    readonly base: readonly number[];
    readonly contributions: Readonly<Record<string, readonly number[]>>;
  }

  interface Sampled extends WineExplained {
    readonly standard_error: WineExplained["contributions"];
  }

  test("is explained from its trees, and adds up to its prediction", async () => {
    const { body: card } = await send(`${api.url}/models/wine-forest`);
    const explain = { offered: true, reason: null };
    expect(card).toMatchObject({ explain, versions: [{ explain }] });
    for (const { features } of wine.examples) {
      const { body } = await post(`${api.url}/wine/explain`, { features });
      const { proba } = (await post(`${api.url}/wine/predict`, { features })).body;
      expect(body).toMatchObject({ method: "tree", proba });
      const { base, contributions }: WineExplained = body;
      expect(Object.keys(contributions)).toEqual(wine.features.map(({ name }) => name));
      for (const [index, value] of body.proba.entries()) {
        const sum = Object.values(contributions).reduce(
          (total, added) => total + (added[index] ?? NaN),
          base[index] ?? NaN,
        );
        expect(Math.abs(sum - value)).toBeLessThan(1e-6);
      }
    }
  });

  test("is a sample with its errors where it is neither trees nor linear", async () => {
    await using models = await copyOfModels();
    await cp(join(MODELS, "wine-forest"), models.file("wine-forest"), { recursive: true });
    const onnx = wave({ features: 13, classes: 3 });
    const session = await createInferenceSession(onnx);
    const features: number[][] = wine.examples.map(({ features: row }) => Array.from(row));
    const { values, classes } = await session.run(Float32Array.from(features.flat()), 13);
    await session.release();
    const proba = features.map((_, row) => [...values.subarray(row * 3, row * 3 + 3)]);
    const group = { name: "examples", features, class: Array.from(classes, Number), proba };
    const golden = { groups: [group] };
    await writeVersion(models, { model: "wine-forest", version: "2", onnx, golden });
    await using other = await startApi({ variables: { MODELS_DIR: models.path } });
    const request = { features: features[0], model_name: "wine-forest", model_version: "2" };
    const { body } = await post(`${other.url}/wine/explain`, request);
    expect(body).toMatchObject({ method: "sampled", rows: expect.any(Number) });
    const { base, contributions, standard_error }: Sampled = body;
    for (const [index, value] of body.proba.entries()) {
      const added = Object.values(contributions).map((numbers) => numbers[index] ?? NaN);
      const sum = added.reduce((total, each) => total + each, base[index] ?? NaN);
      expect(Math.abs(sum - value)).toBeLessThan(1e-6);
      const errors = Object.values(standard_error).map((numbers) => numbers[index] ?? NaN);
      expect(Math.max(...errors)).toBeLessThan(0.01);
      expect(Math.max(...errors)).toBeGreaterThan(0);
    }
    const again = await post(`${other.url}/wine/explain`, request);
    expect(again.body.contributions).toEqual(contributions);
  });
});

test("training data that is not what the model was trained on is 503 with the reason", async () => {
  await using models = await copyOfModels();
  await writeFile(models.file("datasets", "iris.csv"), "something else");
  await using broken = await startApi({ variables: { MODELS_DIR: models.path } });
  const reply = await post(`${broken.url}/explain`, { features: FEATURES });
  expect([reply.status, reply.body.detail]).toEqual([
    503,
    'datasets/iris.csv is not the file that model "iris-forest" was trained on',
  ]);
  expect((await post(`${broken.url}/predict`, { features: FEATURES })).status).toBe(200);
});
