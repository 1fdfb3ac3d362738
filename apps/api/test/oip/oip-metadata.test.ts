import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWithFaultyModels } from "../support/faulty-models-server.ts";
import { oip } from "../support/oip-request.ts";

// Health and metadata of the Open Inference Protocol; docs/open-inference-protocol.md names these tests.

let api: Awaited<ReturnType<typeof startWithFaultyModels>>;
beforeAll(async () => {
  api = await startWithFaultyModels();
});
afterAll(() => api[Symbol.asyncDispose]());

describe("server and model", () => {
  const SERVER = { name: "sepal", version: expect.any(String) };
  const TENSORS = {
    inputs: [{ name: "features", datatype: "FP32", shape: [-1, 4] }],
    outputs: [
      { name: "class", datatype: "INT64", shape: [-1] },
      { name: "proba", datatype: "FP32", shape: [-1, 3] },
    ],
  };
  const MODEL = { name: "iris-mlp", versions: ["1", "nan"], platform: "onnx_onnxv1", ...TENSORS };
  const NOT_READY = expect.stringMatching(/^model "iris-logistic" is not ready: checksum/);

  test.each([
    ["server live", "/v2/health/live", 200, { live: true }],
    ["server ready", "/v2/health/ready", 200, { live: true, ready: true }],
    [
      "server metadata",
      "/v2",
      200,
      { ...SERVER, extensions: expect.arrayContaining(["binary_tensor_data"]) },
    ],
    ["server metadata, as the OpenAPI text has it", "/v2/", 200, expect.objectContaining(SERVER)],
    ["model metadata", "/v2/models/iris-mlp", 200, MODEL],
    ["model metadata of a version", "/v2/models/iris-mlp/versions/nan", 200, MODEL],
    ["model ready", "/v2/models/iris-mlp/ready", 200, { name: "iris-mlp", ready: true }],
    [
      "model ready of a version",
      "/v2/models/iris-mlp/versions/nan/ready",
      200,
      { name: "iris-mlp", ready: true },
    ],
    [
      "model not ready",
      "/v2/models/iris-logistic/ready",
      503,
      { name: "iris-logistic", ready: false, error: NOT_READY },
    ],
    [
      "metadata of a model that is not ready",
      "/v2/models/iris-logistic",
      503,
      { error: NOT_READY },
    ],
    ["an unknown model", "/v2/models/rose/ready", 404, { error: 'there is no model "rose"' }],
    [
      "an unknown version",
      "/v2/models/iris-mlp/versions/9",
      404,
      { error: 'model "iris-mlp" has no version "9"' },
    ],
  ])("%s", async (_what, path, status, body) => {
    const reply = await oip(api.url + path);
    expect([reply.status, reply.json]).toEqual([status, body]);
    expect(reply.headers.get("content-type")).toBe("application/json");
  });
});
