import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { expectedTensors } from "../support/expected-tensors.ts";
import { post, send } from "../support/json-request.ts";
import type { TestRepository } from "../support/model-repository.ts";
import { copyWithNan } from "../support/nan-version.ts";
import { BAD_REQUESTS, INPUT, MAX_ROWS, only, ROW } from "../support/oip-bad-requests.ts";
import { jsonRequest, oip } from "../support/oip-request.ts";

// The Open Inference Protocol, point by point; docs/open-inference-protocol.md names these tests.

const ROWS = [ROW, [6.7, 3.0, 5.2, 2.3], [5.9, 3.0, 4.2, 1.5]];

let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  repository = await copyWithNan();
  await writeFile(repository.file("iris-logistic", "1", "model.onnx"), "not what it was");
  const variables = { MODELS_DIR: repository.path, MAX_BATCH_ROWS: String(MAX_ROWS) };
  api = await startApi({ variables });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const infer = (body: string | object, headers?: Record<string, string>, model = "iris-forest") =>
  oip(`${api.url}/v2/models/${model}/infer`, body, headers);

const expected = (rows: readonly (readonly number[])[], model_name = "iris-forest") =>
  expectedTensors(api.url, { rows, model_name });

describe("an inference request", () => {
  test("with flat data gets every output, flat, with its whole shape", async () => {
    const { status, headers, json } = await infer(jsonRequest(ROWS));
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("inference-header-content-length")).toBeNull();
    const served = { model_name: "iris-forest", model_version: "1" };
    expect(json).toEqual({ ...served, outputs: await expected(ROWS) });
  });

  test("of one row answers as a prediction does", async () => {
    const { json } = await infer(jsonRequest([ROW]));
    const { body } = await post(`${api.url}/predict`, { features: ROW });
    expect(json.outputs).toMatchObject([
      { shape: [1], data: [body.class] },
      { shape: [1, 3], data: body.proba },
    ]);
  });

  test("with nested data gets the same", async () => {
    const nested = { inputs: [{ ...INPUT, shape: [3, 4], data: ROWS }] };
    const [flat, deep] = await Promise.all([infer(jsonRequest(ROWS)), infer(nested)]);
    expect(deep.json).toEqual(flat.json);
  });

  test("names its model and version in the path", async () => {
    const path = "/v2/models/iris-mlp/versions/1/infer";
    const { json } = await oip(api.url + path, jsonRequest(ROWS));
    expect(json).toMatchObject({ model_name: "iris-mlp", model_version: "1" });
    expect(json.outputs).toEqual(await expected(ROWS, "iris-mlp"));
  });

  test.each(["42", "", "ä-\u{1F33A}"])("has its id %j echoed", async (id) => {
    expect((await infer(jsonRequest(ROWS, { id }))).json.id).toBe(id);
  });

  test("without an id, or with null, gets none", async () => {
    for (const more of [{}, { id: null }]) {
      expect((await infer(jsonRequest(ROWS, more))).json).not.toHaveProperty("id");
    }
  });

  test.each([
    [["proba"], ["proba"]],
    [
      ["proba", "class"],
      ["proba", "class"],
    ],
    [["class"], ["class"]],
    [[], ["class", "proba"]],
  ])("for the outputs %j gets %j, in this order", async (asked, given) => {
    const outputs = asked.map((name) => ({ name }));
    const { json } = await infer(jsonRequest(ROWS, { outputs }));
    expect(json.outputs.map(({ name }: { name: string }) => name)).toEqual(given);
  });

  test("may have parameters, null where it has nothing, and keys of its client's own", async () => {
    const more = {
      model_name: "whatever",
      parameters: { priority: 1, trace: "no", sequence_start: true },
      outputs: null,
    };
    const request = jsonRequest(ROWS, more);
    const inputs = request.inputs.map((input) => ({ ...input, parameters: null, note: "x" }));
    expect((await infer({ ...request, inputs })).status).toBe(200);
  });

  test.each([
    "application/json",
    "application/octet-stream",
    "text/plain; charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "nonsense",
    ";;;",
    "",
  ])("may call itself %j", async (type) => {
    expect((await infer(JSON.stringify(jsonRequest(ROWS)), { "content-type": type })).status).toBe(
      200,
    );
  });

  test("may carry bytes that call themselves nothing", async () => {
    const reply = await oip(
      `${api.url}/v2/models/iris-forest/infer`,
      Buffer.from(JSON.stringify(jsonRequest(ROWS))),
    );
    expect(reply.status).toBe(200);
  });

  test("is counted and logged with its model and rows", async () => {
    const id = "oip-log-1";
    await infer(jsonRequest(ROWS), { "x-request-id": id }, "iris-mlp");
    const { text } = await send(`${api.url}/metrics`);
    expect(text).toMatch(/inference_rows_total\{model="iris-mlp",version="1",lane="batch"\} \d/);
    expect(text).toContain('handler="/v2/models/:model_name/infer",method="POST",status="2xx"');
    const line = () => api.log.find(({ request_id }) => request_id === id);
    await eventually(() => line() !== undefined, "the request is logged");
    expect(line()).toMatchObject({ model: "iris-mlp", rows: 3, status: 200 });
  });
});

describe("a request that is refused, with 400 and what is wrong", () => {
  test.each(BAD_REQUESTS)("%s", async (_what, body, error) => {
    const reply = await infer(body);
    const matching = typeof error === "string" ? error : expect.stringMatching(error);
    expect([reply.status, reply.json]).toEqual([400, { error: matching }]);
    expect(reply.headers.get("content-type")).toBe("application/json");
  });

  test("repeats of a long name only its beginning", async () => {
    const { json } = await infer(only({ name: "x".repeat(50_000) }));
    expect(json.error.length).toBeLessThan(300);
  });
});

describe("a request that fails otherwise", () => {
  test.each([
    [404, "rose", 'there is no model "rose"'],
    [503, "iris-logistic", expect.stringMatching(/^model "iris-logistic" is not ready: /)],
    [404, "iris-mlp/versions/9", 'model "iris-mlp" has no version "9"'],
  ])("with %i: %s", async (status, model, error) => {
    const reply = await infer(jsonRequest(ROWS), {}, model);
    expect([reply.status, reply.json]).toEqual([status, { error }]);
    expect(reply.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
  });

  test.each([1, 2])("with 500 where the model answers NaN for one of %i rows", async (count) => {
    const rows = Array.from({ length: count }, () => [100.25, 3.5, 1.4, 0.2]);
    const reply = await infer(jsonRequest(rows), {}, "iris-mlp/versions/nan");
    expect([reply.status, reply.json]).toEqual([500, { error: "Internal Server Error" }]);
  });

  test.each([1, 3])("with 504 where the deadline has passed, %i rows", async (count) => {
    const reply = await infer(jsonRequest(ROWS.slice(0, count)), { "x-request-timeout-ms": "0" });
    expect(reply.status).toBe(504);
    expect(reply.json).toEqual({ error: "the deadline passed before the work was run" });
  });

  test("with 405 where it is no POST", async () => {
    const reply = await oip(`${api.url}/v2/models/iris-forest/infer`);
    expect([reply.status, reply.headers.get("allow")]).toEqual([405, "POST"]);
    expect(reply.json).toEqual({ error: "this route takes POST" });
  });
});

test("a large request goes to a worker thread and gets the same answer and the same errors", async () => {
  const many = Array.from({ length: 1000 }, (_, index) => ROWS[index % 3] ?? ROW);
  const { json } = await infer(jsonRequest(many, { id: "big" }));
  expect(json.id).toBe("big");
  expect(json.outputs).toEqual(await expected(many));
  const { text } = await send(`${api.url}/metrics`);
  expect(text).toMatch(/inference_rows_total\{model="iris-forest",version="1",lane="worker"\} \d/);
  const broken = await infer(jsonRequest(many.with(700, [5, 3, 1, 0])));
  expect([broken.status, broken.json.error]).toEqual([
    400,
    'input "features", row 700, feature "petal_width": Input should be greater than 0',
  ]);
});
