import { beforeAll, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

const FEATURES = [5.1, 3.5, 1.4, 0.2];
const MANY = Array.from({ length: 5000 }, () => FEATURES);
const HEADER = /^queue;dur=(\d+\.\d{3}), compute;dur=(\d+\.\d{3}), total;dur=(\d+\.\d{3})$/;
const TENSOR = { name: "features", datatype: "FP32", shape: [1, 4], data: FEATURES };
const TENSORS = { ...TENSOR, shape: [2, 4], data: [...FEATURES, ...FEATURES] };

test.each([
  ["/predict", { features: FEATURES }],
  ["/iris/predict/iris-mlp", { features: FEATURES }],
  ["/predict-batch", { rows: [FEATURES, FEATURES] }],
  ["/predict-batch", { rows: MANY }],
  ["/explain", { features: FEATURES }],
  ["/v2/models/iris-forest/infer", { inputs: [TENSOR] }],
  ["/v2/models/iris-forest/infer", { inputs: [TENSORS] }],
  ["/trpc/predict", { features: FEATURES }],
  ["/trpc/predictBatch", { rows: [FEATURES] }],
  ["/trpc/iris.predictBatch", { rows: MANY }],
  ["/trpc/predict,predict?batch=1", { 0: { features: FEATURES }, 1: { features: FEATURES } }],
])("an answer of %s says where its time went", async (path, body) => {
  const before = performance.now();
  const reply = await post(api.url + path, body);
  const seen = performance.now() - before;
  expect(reply.status).toBe(200);
  const header = reply.headers.get("server-timing");
  const [, queue = NaN, compute = NaN, total = NaN] = (HEADER.exec(header ?? "") ?? []).map(Number);
  expect(compute, `${header}`).toBeGreaterThan(0);
  // Each is rounded to the microsecond.
  expect(queue + compute).toBeLessThanOrEqual(total + 0.01);
  expect(total).toBeLessThanOrEqual(seen + 0.01);
});

test("an answer that computed nothing says nothing", async () => {
  const refused = await post(`${api.url}/predict`, { features: [1] });
  expect(refused.headers.get("server-timing")).toBeNull();
  const health = await send(`${api.url}/health/live`);
  expect(health.headers.get("server-timing")).toBeNull();
});
