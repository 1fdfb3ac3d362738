import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "./api-process.ts";
import { post, send } from "./json-request.ts";
import { copyOfModels, fixture, FIXTURE_GOLDEN, writeVersion } from "./model-repository.ts";
import type { TestRepository } from "./model-repository.ts";
import { jsonRequest, oip } from "./oip-request.ts";

// The Open Inference Protocol, point by point; docs/open-inference-protocol.md names these tests.

const ROWS = [
  [5.1, 3.5, 1.4, 0.2],
  [6.7, 3.0, 5.2, 2.3],
  [5.9, 3.0, 4.2, 1.5],
];
const [ROW = []] = ROWS;
const INPUT = { name: "features", shape: [1, 4], datatype: "FP32", data: ROW };

let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  repository = await copyOfModels();
  const onnx = await fixture("nan-above-100.onnx");
  await writeVersion(repository, {
    model: "iris-mlp",
    version: "nan",
    onnx,
    golden: FIXTURE_GOLDEN,
  });
  await writeFile(repository.file("iris-logistic", "1", "model.onnx"), "not what it was");
  const variables = { MODELS_DIR: repository.path, MAX_BATCH_ROWS: "1200" };
  api = await startApi({ variables });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const infer = (body: string | object, headers?: Record<string, string>, model = "iris-forest") =>
  oip(`${api.url}/v2/models/${model}/infer`, body, headers);

/** What `/predict-batch` answers for the same rows, as tensors. */
async function expected(rows: readonly (readonly number[])[], model_name = "iris-forest") {
  const { body } = await post(`${api.url}/predict-batch`, { rows, model_name });
  const predictions: { class: number; proba: number[] }[] = body.predictions;
  return [
    {
      name: "class",
      datatype: "INT64",
      shape: [rows.length],
      data: predictions.map((row) => row.class),
    },
    {
      name: "proba",
      datatype: "FP32",
      shape: [rows.length, 3],
      data: predictions.flatMap(({ proba }) => proba),
    },
  ];
}

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

const only = (input: object) => ({ inputs: [{ ...INPUT, ...input }] });
const replaced = (index: number, value: unknown) =>
  only({ data: ROW.map((old, i) => (i === index ? value : old)) });

describe("a request that is refused, with 400 and what is wrong", () => {
  test.each<[what: string, body: string | object, error: string | RegExp]>([
    ["no body", "", "the body is empty"],
    ["no JSON", "{", /^the body is not JSON: /],
    ["a list", "[]", "body: Input should be a valid object"],
    ["no inputs", {}, "body.inputs: Field required"],
    ["an empty list of inputs", { inputs: [] }, 'input "features" is missing'],
    ["an input that is none", { inputs: [1] }, "body.inputs.0: Input should be a valid object"],
    ["two inputs", { inputs: [INPUT, INPUT] }, 'input "features" is given 2 times'],
    ["an unknown input", only({ name: "x" }), 'input "x": there is no such input, only "features"'],
    ["no name", only({ name: undefined }), "body.inputs.0.name: Field required"],
    ["an id that is a number", { ...only({}), id: 1 }, "body.id: Input should be a valid string"],
    ["float64", only({ datatype: "FP64" }), 'input "features": its datatype is FP32, not "FP64"'],
    [
      "integers",
      only({ datatype: "INT64" }),
      'input "features": its datatype is FP32, not "INT64"',
    ],
    ["text", only({ datatype: "BYTES" }), 'input "features": its datatype is FP32, not "BYTES"'],
    ["no batch dimension", only({ shape: [4] }), 'input "features": its shape is [-1,4], not [4]'],
    ["other columns", only({ shape: [1, 3] }), 'input "features": its shape is [-1,4], not [1,3]'],
    [
      "a negative dimension",
      only({ shape: [-1, 4] }),
      "body.inputs.0.shape.0: Input should be greater than or equal to 0",
    ],
    ["no rows", only({ shape: [0, 4], data: [] }), 'input "features": it has no rows'],
    [
      "too many rows",
      only({ shape: [1201, 4], data: [] }),
      'input "features": it has 1201 rows; at most 1200 are taken',
    ],
    [
      "fewer elements than the shape",
      only({ data: [1, 2, 3] }),
      'input "features": its data has 3 elements, its shape 4',
    ],
    [
      "fewer rows than the shape",
      only({ shape: [2, 4], data: [ROW] }),
      'input "features": its data has 1 rows, its shape 2',
    ],
    [
      "a ragged row",
      only({ shape: [2, 4], data: [ROW, [1, 2, 3]] }),
      'input "features", row 1: it should be a list of 4 elements',
    ],
    ["no data", only({ data: undefined }), 'input "features": its data is missing or not a list'],
    [
      "a negative number",
      only({ shape: [2, 4], data: [...ROW, 1, 2, -3, 4] }),
      'input "features", row 1, feature "petal_length": Input should be greater than 0',
    ],
    [
      "zero once rounded",
      replaced(3, 1e-46),
      'input "features", row 0, feature "petal_width": Input should be greater than 0 after rounding to float32',
    ],
    [
      "infinite once rounded",
      replaced(0, 1e39),
      'input "features", row 0, feature "sepal_length": Input should be a finite number after rounding to float32',
    ],
    [
      "a string",
      replaced(1, "3.5"),
      'input "features", row 0, feature "sepal_width": Input should be a valid number',
    ],
    [
      "null, twice",
      only({ data: [null, 1, true, 1] }),
      'input "features", row 0, feature "sepal_length": Input should be a valid number (and 1 more)',
    ],
    [
      "data nested too deeply",
      only({ data: [[[5.1], 3.5, 1.4, 0.2]] }),
      'input "features", row 0, feature "sepal_length": Input should be a valid number',
    ],
    [
      "an unknown output",
      { ...only({}), outputs: [{ name: "label" }] },
      'output "label": there is no such output; there are class, proba',
    ],
    [
      "an output twice",
      { ...only({}), outputs: [{ name: "class" }, { name: "class" }] },
      'output "class" is requested twice',
    ],
    [
      "Triton's classification",
      { ...only({}), outputs: [{ name: "proba", parameters: { classification: 2 } }] },
      'output "proba": parameter "classification" is not supported',
    ],
    [
      "shared memory",
      only({ parameters: { shared_memory_region: "r" } }),
      'input "features": parameter "shared_memory_region" is not supported',
    ],
    [
      "a parameter that is a list",
      { ...only({}), parameters: { a: [] } },
      /^body\.parameters\.a: /,
    ],
  ])("%s", async (_what, body, error) => {
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
