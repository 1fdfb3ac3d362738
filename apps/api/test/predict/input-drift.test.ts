import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";

// Inputs against the training data, by what /metrics says of them.

let api: ApiProcess;
let training: number[][];

beforeAll(async () => {
  api = await startApi();
  const { body } = await send(`${api.url}/models/iris-forest/background`);
  training = body.rows;
});
afterAll(() => api[Symbol.asyncDispose]());

/** The index of each feature of a model, by name. */
async function drift(model: string): Promise<Record<string, number>> {
  const { text } = await send(`${api.url}/metrics`);
  const pattern = new RegExp(
    `^input_drift_psi\\{model="${model}".*feature="(\\w+)"\\} (\\S+)$`,
    "gm",
  );
  return Object.fromEntries(
    [...text.matchAll(pattern)].map(([, name, value]) => [name, Number(value)]),
  );
}

/** Sends rows often enough that a batch of many shows through the sampling. */
async function ask(model_name: string, rows: number[][]): Promise<void> {
  for (let call = 0; call < 2; call += 1) {
    const many = Array.from({ length: 40 }, () => rows).flat();
    const reply = await post(`${api.url}/predict-batch`, {
      rows: many,
      model_name,
      batch_size: 70,
    });
    expect(reply.status).toBe(200);
  }
}

test("nothing is said of a few rows", async () => {
  await post(`${api.url}/predict`, { features: [5.1, 3.5, 1.4, 0.2] });
  expect(await drift("iris-forest")).toEqual({});
});

test("rows of the training data show no drift", async () => {
  await ask("iris-forest", training);
  const found = await drift("iris-forest");
  expect(Object.keys(found)).toHaveLength(4);
  for (const value of Object.values(found)) expect(value).toBeLessThan(0.2);
});

test("a feature that has moved shows it, and no other feature does", async () => {
  const moved = training.map(([a = 0, b = 0, c = 0, d = 0]) => [a, b, c + 3, d]);
  await ask("iris-mlp", moved);
  const { petal_length: petalLength = 0, ...others } = await drift("iris-mlp");
  expect(petalLength).toBeGreaterThan(0.25);
  for (const value of Object.values(others)) expect(value).toBeLessThan(0.2);
});

test("a file of a thousand rows says enough by itself", async () => {
  const header = "sepal_length,sepal_width,petal_length,petal_width";
  const rows = Array.from({ length: 7 }, () => training)
    .flat()
    .slice(0, 1000);
  const body = [header, ...rows.map((row) => row.join(","))].join("\n");
  const headers = { "content-type": "text/csv" };
  const url = `${api.url}/predict-file?model_name=iris-logistic`;
  expect((await send(url, { method: "POST", headers, body })).status).toBe(200);
  const found = await drift("iris-logistic");
  expect(Object.keys(found)).toHaveLength(4);
  for (const value of Object.values(found)) expect(value).toBeLessThan(0.2);
});
