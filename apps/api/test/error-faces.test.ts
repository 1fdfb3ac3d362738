import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "./api-process.ts";
import { send } from "./json-request.ts";
import { copyOfModels, fixture, FIXTURE_GOLDEN, writeVersion } from "./model-repository.ts";
import type { TestRepository } from "./model-repository.ts";

let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  repository = await copyOfModels();
  const onnx = await fixture("nan-above-100.onnx");
  const golden = FIXTURE_GOLDEN;
  await writeVersion(repository, { model: "iris-mlp", version: "nan", onnx, golden });
  await writeFile(repository.file("iris-logistic", "1", "model.onnx"), "not what it was");
  api = await startApi({ variables: { MODELS_DIR: repository.path } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const JSON_BODY = { "content-type": "application/json" };
const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };
const NAN = { features: [100.25, 3.5, 1.4, 0.2], model_name: "iris-mlp", model_version: "nan" };

function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { method: "POST", headers: { ...JSON_BODY, ...headers }, body: text };
}

const FAILURES = [
  [400, "malformed_body", "PARSE_ERROR", post("{"), /^the body is not JSON: /],
  [
    400,
    "malformed_request",
    "BAD_REQUEST",
    post(GOOD, { "x-request-timeout-ms": "soon" }),
    /^x-request-timeout-ms should be a whole number of milliseconds$/,
  ],
  [
    404,
    "not_found",
    "NOT_FOUND",
    post({ ...GOOD, model_name: "rose" }),
    /^there is no model "rose"$/,
  ],
  [405, "method_not_allowed", "METHOD_NOT_SUPPORTED", { method: "GET" }, /POST|GET/],
  [
    413,
    "too_large",
    "PAYLOAD_TOO_LARGE",
    post(" ".repeat(2 ** 24 + 1)),
    /^the body is over the limit$/,
  ],
  [
    415,
    "unsupported_media_type",
    "UNSUPPORTED_MEDIA_TYPE",
    post(GOOD, { "content-type": "text/csv" }),
    /^the content type should be application\/json$/,
  ],
  [
    422,
    "invalid_input",
    "UNPROCESSABLE_CONTENT",
    post({ features: [-1, 2, 3, 4] }),
    /^body\.features\.0: Input should be greater than 0$/,
  ],
  [500, "internal", "INTERNAL_SERVER_ERROR", post(NAN), /^Internal Server Error$/],
  [
    503,
    "unavailable",
    "SERVICE_UNAVAILABLE",
    post({ ...GOOD, model_name: "iris-logistic" }),
    /^model "iris-logistic" is not ready: checksum of model\.onnx /,
  ],
  [
    504,
    "deadline_exceeded",
    "GATEWAY_TIMEOUT",
    post(GOOD, { "x-request-timeout-ms": "0" }),
    /^the deadline passed before the work was run$/,
  ],
] as const;

describe.each(FAILURES)("%i %s", (status, code, trpcCode, init, message) => {
  const predict = (path: string, headers: Record<string, string> = {}) =>
    send(`${api.url}${path}`, { ...init, headers: { ...Object(init).headers, ...headers } });

  test("as FastAPI clients know it", async () => {
    const { body, headers, ...reply } = await predict("/predict", { "x-request-id": "id-1" });
    expect(reply.status).toBe(status);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("x-request-id")).toBe("id-1");
    const detail = status === 422 ? expect.any(Array) : expect.stringMatching(message);
    const total = status === 422 ? { errors_total: 1 } : {};
    expect(body).toEqual({ detail, ...total, request_id: "id-1" });
    expect(headers.get("allow")).toBe(status === 405 ? "POST" : null);
    expect(headers.get("retry-after")).toBe(status === 503 ? "1" : null);
  });

  test("as RFC 9457", async () => {
    const accept = "application/problem+json, application/json;q=0.5";
    const { body, headers, ...reply } = await predict("/predict", { accept });
    expect(reply.status).toBe(status);
    expect(headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    const errors = [
      { pointer: "/features/0", detail: "Input should be greater than 0", type: "greater_than" },
    ];
    expect(body).toEqual({
      type: `urn:sepal:error:${code}`,
      title: expect.stringMatching(/^[A-Z]/),
      status,
      detail: expect.stringMatching(message),
      request_id: headers.get("x-request-id"),
      ...(status === 422 && { errors, errors_total: 1 }),
    });
  });

  test("as tRPC", async () => {
    const { body, headers, ...reply } = await predict("/trpc/predict", { "x-request-id": "id-1" });
    expect(reply.status).toBe(status);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(Object.keys(body)).toEqual(["error"]);
    expect(body.error).toMatchObject({
      message: expect.stringMatching(message),
      code: expect.any(Number),
      data: { code: trpcCode, httpStatus: status, path: "predict", request_id: "id-1" },
    });
    expect(headers.get("retry-after")).toBe(status === 503 ? "1" : null);
  });
});

test("these and success are all that the document says of /predict", async () => {
  const { body } = await send(`${api.url}/openapi.json`);
  const documented = Object.keys(body.paths["/predict"].post.responses);
  // A wrong method is no operation of the document.
  const shown = FAILURES.map(([status]) => String(status)).filter((status) => status !== "405");
  expect(documented.toSorted()).toEqual([...new Set(["200", ...shown])].toSorted());
});

describe("the Open Inference Protocol", () => {
  test.each([
    ["GET", "/v2/models/nope", 404, 'there is no model "nope"'],
    ["GET", "/v2/models/nope/ready", 404, 'there is no model "nope"'],
    ["GET", "/v2/models/iris-forest/versions/9", 404, 'model "iris-forest" has no version "9"'],
    ["GET", "/v2/models/iris-forest/nope", 404, "there is no such route"],
    ["DELETE", "/v2/models/iris-forest", 405, "this route takes GET, HEAD"],
    [
      "GET",
      "/v2/models/iris-logistic",
      503,
      expect.stringMatching(/^model "iris-logistic" is not/),
    ],
  ])(
    "%s %s is %i with one string and the bare content type",
    async (method, path, status, error) => {
      const accept = "application/problem+json";
      const reply = await send(`${api.url}${path}`, { method, headers: { accept } });
      expect(reply.status).toBe(status);
      expect(reply.headers.get("content-type")).toBe("application/json");
      expect(reply.body).toEqual({ error });
    },
  );
});

test.each([
  ["/nope", { detail: "there is no such route" }],
  ["/v2/nope", { detail: "there is no such route" }],
  ["/models/rose", { detail: 'there is no model "rose"' }],
  ["/trpc/nope", { error: { data: { code: "NOT_FOUND", httpStatus: 404, path: "nope" } } }],
  ["/trpc", { error: { data: { code: "NOT_FOUND", httpStatus: 404 } } }],
])("%s is 404", async (path, body) => {
  const reply = await send(`${api.url}${path}`);
  expect(reply.status).toBe(404);
  expect(reply.body).toMatchObject(body);
});

test("a pointer escapes what RFC 6901 says", async () => {
  const init = post({ ...GOOD, "a/b~c": 1 }, { accept: "application/problem+json" });
  const { body } = await send(`${api.url}/predict`, init);
  expect(body.errors).toEqual([
    { pointer: "/a~1b~0c", detail: "Extra inputs are not permitted", type: "extra_forbidden" },
  ]);
});
