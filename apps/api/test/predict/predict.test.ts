import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

const SETOSA = {
  class: 0,
  label: "setosa",
  proba: [1, 0, 0],
  confidence: 1,
  model_used: "iris-forest",
  model_version: "1",
};

describe.each(["/predict", "/v1/predict", "/v2/predict", "/iris/predict", "/predict/iris-forest"])(
  "POST %s",
  (path) => {
    test("answers the class, its label and every probability", async () => {
      const reply = await post(`${api.url}${path}`, { features: [5.1, 3.5, 1.4, 0.2] });
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({ ...SETOSA, processing_time_ms: expect.any(Number) });
      expect(reply.headers.get("content-type")).toBe("application/json; charset=utf-8");
    });
  },
);

test("a model and version may be named in the body", async () => {
  const reply = await post(`${api.url}/predict`, {
    features: [5.1, 3.5, 1.4, 0.2],
    model_name: "iris-mlp",
    model_version: "1",
  });
  expect(reply.body).toMatchObject({ class: 0, model_used: "iris-mlp", model_version: "1" });
});

test("a different model in the body than in the path is 422", async () => {
  const body = { features: [5.1, 3.5, 1.4, 0.2], model_name: "iris-mlp" };
  const reply = await post(`${api.url}/predict/iris-forest`, body);
  expect(reply.status).toBe(422);
  expect(reply.body.detail[0].loc).toEqual(["body", "model_name"]);
});

test("a batch answers in row order", async () => {
  const rows = [
    [5.1, 3.5, 1.4, 0.2],
    [6, 2.9, 4.5, 1.5],
    [6.9, 3.1, 5.4, 2.1],
  ];
  const reply = await post(`${api.url}/predict-batch`, { rows, batch_size: 2 });
  expect(reply.status).toBe(200);
  expect(reply.body.count).toBe(3);
  expect(reply.body.predictions.map((row: { label: string }) => row.label)).toEqual([
    "setosa",
    "versicolor",
    "virginica",
  ]);
});

test("probabilities print as the shortest decimal of their float32", async () => {
  const reply = await post(`${api.url}/predict`, { features: [6, 2.7, 5.1, 1.6] });
  expect(reply.text).toMatch(/"proba":\[0,0\.\d{1,2},0\.\d{1,2}\]/);
});

test("a request id is repeated when it is harmless, and made when it is not", async () => {
  const mine = await send(`${api.url}/health/live`, { headers: { "x-request-id": "mine-1" } });
  expect(mine.headers.get("x-request-id")).toBe("mine-1");
  const odd = await send(`${api.url}/health/live`, { headers: { "x-request-id": "a b" } });
  expect(odd.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
});

test("100 requests leave every model loaded once", async () => {
  await Promise.all(
    Array.from({ length: 100 }, () =>
      post(`${api.url}/predict`, { features: [5.1, 3.5, 1.4, 0.2] }),
    ),
  );
  const { text } = await send(`${api.url}/metrics`);
  const loads = text.split("\n").filter((line) => line.startsWith("model_loads_total{"));
  const { body } = await send(`${api.url}/models`);
  const versions = body.models.flatMap((model: { name: string; versions: { version: string }[] }) =>
    model.versions.map(({ version }) => [model.name, version]),
  );
  expect(loads.toSorted()).toEqual(
    versions.map(
      ([name, version]: string[]) => `model_loads_total{model="${name}",version="${version}"} 1`,
    ),
  );
});
