import { wine } from "@sepal/schema/contracts/wine";
import type { FeatureList } from "@sepal/schema/define-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { expectFailure, jsonPost, sendToBoth } from "../support/both-faces.ts";
import { schemaFaults } from "../support/documented.ts";
import { post, send } from "../support/json-request.ts";
import { singleClient } from "../support/trpc-client.ts";

// A contract of another shape than the default one's: nothing but its data is new.

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

type Wine = FeatureList<typeof wine.features>;

const [BAROLO, GRIGNOLINO, BARBERA]: readonly [Wine, Wine, Wine] = [
  [14.1, 2.02, 2.4, 18.8, 103, 2.75, 2.92, 0.32, 2.38, 6.2, 1.07, 2.75, 1060],
  [12.25, 1.73, 2.12, 19, 80, 1.65, 2.03, 0.37, 1.63, 3.4, 1, 3.17, 510],
  [13.32, 3.24, 2.38, 21.5, 92, 1.93, 0.76, 0.45, 1.25, 8.42, 0.55, 1.62, 650],
];
const IS_BAROLO = {
  class: 0,
  label: "barolo",
  proba: [1, 0, 0],
  confidence: 1,
  model_used: "wine-forest",
  model_version: "1",
};

test.each(["/wine/predict", "/wine/predict/wine-forest"])("POST %s", async (path) => {
  const { status, body } = await post(api.url + path, { features: BAROLO });
  expect(status).toBe(200);
  expect(body).toEqual({ ...IS_BAROLO, processing_time_ms: expect.any(Number) });
});

test("its procedures stand under its name, for the stock client", async () => {
  const client = singleClient(api.url);
  const features = GRIGNOLINO;
  expect(await client.wine.predict.mutate({ features })).toMatchObject({ label: "grignolino" });
  const batch = await client.wine.predictBatch.mutate({ rows: [features, features] });
  expect(batch).toMatchObject({ count: 2, model_used: "wine-forest" });
});

describe("a batch", () => {
  const labels = (body: { predictions: { label: string }[] }) =>
    body.predictions.map(({ label }) => label);

  test("answers in row order", async () => {
    const rows = [BARBERA, BAROLO, GRIGNOLINO];
    const { body } = await post(`${api.url}/wine/predict-batch`, { rows, batch_size: 2 });
    expect(labels(body)).toEqual(["barbera", "barolo", "grignolino"]);
  });

  test("answers the same on a worker thread", async () => {
    const rows = Array.from({ length: 3000 }, (_, row) => (row % 2 === 0 ? BAROLO : BARBERA));
    const { body } = await post(`${api.url}/wine/predict-batch`, { rows });
    expect(body).toMatchObject({ count: 3000, model_used: "wine-forest" });
    expect(new Set(labels(body).filter((_, row) => row % 2 === 0))).toEqual(new Set(["barolo"]));
    expect(new Set(labels(body).filter((_, row) => row % 2 === 1))).toEqual(new Set(["barbera"]));
    const { text } = await send(`${api.url}/metrics`);
    expect(text).toMatch(
      /inference_rows_total\{model="wine-forest",version="1",lane="worker"\} 3000/,
    );
  });
});

/** The first wine with another number in one place. */
const withValue = (value: unknown) =>
  JSON.stringify({ features: BAROLO.with(0, NaN) }).replace("null", String(value));

describe("its own rule for numbers", () => {
  test.each(["0", "-0.0", "1e-46", "1e-400", "3e38"])("takes %s", async (value) => {
    const twins = { route: "/wine/predict", procedure: "wine.predict" };
    const { rest, trpc } = await sendToBoth(api.url, twins, jsonPost(withValue(value)));
    expect([rest.status, trpc.status]).toEqual([200, 200]);
  });

  test.each([
    ["-1e-300", "greater_than_equal", "Input should be greater than or equal to 0", -1e-300],
    ["-1", "greater_than_equal", "Input should be greater than or equal to 0", -1],
    ["1e39", "finite_number", "Input should be a finite number after rounding to float32", 1e39],
    ["1e400", "finite_number", "Input should be a finite number", "Infinity"],
    ['"14.1"', "float_type", "Input should be a valid number", "14.1"],
    ["null", "float_type", "Input should be a valid number", null],
  ])("refuses %s", async (value, type, msg, input) => {
    const twins = { route: "/wine/predict", procedure: "wine.predict" };
    const replies = await sendToBoth(api.url, twins, jsonPost(withValue(value)));
    expectFailure(replies, 422, "UNPROCESSABLE_CONTENT");
    const detail = [{ type, loc: ["body", "features", 0], msg, input }];
    expect(replies.rest.body.detail).toEqual(detail);
    expect(replies.trpc.body.error.data.detail).toEqual(detail);
  });

  test("takes thirteen numbers and no other count", async () => {
    for (const features of [BAROLO.slice(1), [...BAROLO, 1], [5.1, 3.5, 1.4, 0.2]]) {
      const { status, body } = await post(`${api.url}/wine/predict`, { features });
      expect(status).toBe(422);
      expect(body.detail[0].loc).toEqual(["body", "features"]);
      expect(body.detail[0].msg).toContain(`13 items after validation, not ${features.length}`);
    }
  });
});

test.each([
  ["/wine/predict", { features: BAROLO, model_name: "iris-mlp" }, "iris-mlp", "iris", "wine"],
  ["/wine/predict/iris-mlp", { features: BAROLO }, "iris-mlp", "iris", "wine"],
  ["/wine/predict-batch", { rows: [BAROLO], model_name: "iris-mlp" }, "iris-mlp", "iris", "wine"],
  [
    "/predict",
    { features: [5.1, 3.5, 1.4, 0.2], model_name: "wine-forest" },
    "wine-forest",
    "wine",
    "iris",
  ],
  ["/predict/wine-forest", { features: [5.1, 3.5, 1.4, 0.2] }, "wine-forest", "wine", "iris"],
])("%s refuses a model of another contract", async (path, body, model, serves, wanted) => {
  const reply = await post(api.url + path, body);
  expect(reply.status).toBe(422);
  const msg = `Model "${model}" serves the contract ${serves}, not ${wanted}`;
  expect(reply.body.detail).toEqual([
    { type: "value_error", loc: ["body", "model_name"], msg, input: model },
  ]);
});

test("the model's card has all features with the ranges of the training data", async () => {
  const { body } = await send(`${api.url}/models/wine-forest`);
  expect(body).toMatchObject({
    contract: "wine",
    classes: [...wine.classes],
    state: "ready",
    is_default: false,
  });
  expect(body.features.map(({ name }: { name: string }) => name)).toEqual(
    wine.features.map(({ name }) => name),
  );
  expect(body.features[12]).toMatchObject({ name: "proline", min: 278, max: 1680 });
  const background = await send(`${api.url}/models/wine-forest/background`);
  expect(background.body).toMatchObject({ total: 178, classes: [...wine.classes] });
  expect(background.body.rows[0]).toHaveLength(13);
});

test("the Open Inference Protocol tells its tensors", async () => {
  const { body } = await send(`${api.url}/v2/models/wine-forest`);
  expect(body).toMatchObject({
    inputs: [{ name: "features", datatype: "FP32", shape: [-1, 13] }],
    outputs: [
      { name: "class", datatype: "INT64", shape: [-1] },
      { name: "proba", datatype: "FP32", shape: [-1, 3] },
    ],
  });
});

describe("the document", () => {
  test.each([
    [BAROLO, true],
    [BAROLO.with(0, 0), true],
    [BAROLO.with(0, -1), false],
    [BAROLO.slice(1), false],
  ])("takes %j: %s", (features, good) => {
    const place = ["requestBody", "content", "application/json", "schema"];
    const faults = schemaFaults({ features }, "paths", "/wine/predict", "post", ...place);
    expect(faults.length === 0).toBe(good);
  });

  test("shows a wine and what its model says of it", async () => {
    const { body } = await send(`${api.url}/openapi.json`);
    const { post: operation } = body.paths["/wine/predict"];
    expect(operation.tags).toEqual(["wine"]);
    expect(operation.requestBody.content["application/json"].example).toEqual({ features: BAROLO });
    expect(operation.responses["200"].content["application/json"].example).toMatchObject(IS_BAROLO);
  });
});
