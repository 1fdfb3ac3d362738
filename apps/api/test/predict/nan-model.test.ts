import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post } from "../support/json-request.ts";
import type { TestRepository } from "../support/model-repository.ts";
import { copyWithNan } from "../support/nan-version.ts";

let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  repository = await copyWithNan();
  api = await startApi({ variables: { MODELS_DIR: repository.path } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const MODEL = { model_name: "iris-mlp", model_version: "nan" };
const GOOD = [5.1, 3.5, 1.4, 0.2];
const NAN = [100.25, 3.5, 1.4, 0.2];

test.each([
  ["/predict", { ...MODEL, features: NAN }],
  ["/predict-batch", { ...MODEL, rows: [GOOD, NAN] }],
  ["/trpc/predict", { ...MODEL, features: NAN }],
  ["/trpc/predictBatch", { ...MODEL, rows: [NAN] }],
])("NaN is a 500 on %s whose reason stands in the log alone", async (path, body) => {
  const id = `nan${path.replaceAll("/", ".")}`;
  const reply = await post(`${api.url}${path}`, body, { "x-request-id": id });
  expect(reply.status).toBe(500);
  const { message, data } = reply.body.error ?? {};
  expect(message ?? reply.body.detail).toBe("Internal Server Error");
  expect(Object.keys(data ?? {}).toSorted()).toEqual(
    data === undefined ? [] : ["code", "httpStatus", "path", "request_id"],
  );
  expect(reply.text).not.toMatch(/number|NaN|\.ts|stack|null/);
  const lines = () => api.log.filter((line) => line["request_id"] === id);
  await eventually(() => lines().length > 0, "the request is logged");
  expect(lines()).toHaveLength(1);
  expect(lines()[0]).toMatchObject({ level: "error", status: 500 });
  const logged = JSON.stringify(lines());
  expect(logged).toContain("the model returned no finite number");
  expect(logged).not.toContain("100.25");
});
