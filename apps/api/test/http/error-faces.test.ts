import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWithFaultyModels } from "../support/faulty-models-server.ts";
import { FAILURES, GOOD, requestOf } from "../support/failures.ts";
import { send } from "../support/json-request.ts";

let api: Awaited<ReturnType<typeof startWithFaultyModels>>;
beforeAll(async () => {
  api = await startWithFaultyModels();
});
afterAll(() => api[Symbol.asyncDispose]());

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

  test("as tRPC in a batch, which its own adapter serves", async () => {
    const text: string = Object(init).body ?? "";
    const body = text.startsWith("{") && text !== "{" ? `{"0":${text}}` : text;
    const batched = { ...init, ...(body !== "" && { body }) };
    const reply = await send(`${api.url}/trpc/predict?batch=1`, batched);
    expect(reply.status).toBe(status);
    // A request that fails as a whole is answered by one error.
    const [answer] = [reply.body].flat();
    expect(answer.error).toMatchObject({
      message: expect.stringMatching(message),
      data: { code: trpcCode, httpStatus: status, request_id: reply.headers.get("x-request-id") },
    });
    expect(reply.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
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
  const init = requestOf({ ...GOOD, "a/b~c": 1 }, { accept: "application/problem+json" });
  const { body } = await send(`${api.url}/predict`, init);
  expect(body.errors).toEqual([
    { pointer: "/a~1b~0c", detail: "Extra inputs are not permitted", type: "extra_forbidden" },
  ]);
});

test.each([
  ["application/problem+json", true],
  ["APPLICATION/PROBLEM+JSON", true],
  ["application/json, application/problem+json", true],
  ["application/problem+json;q=0.5, application/json;q=0.4", true],
  ["application/problem+json;q=0", false],
  ["application/problem+json;q=0, */*", false],
  ["application/problem+json;q=0.4, application/json", false],
  ["text/plain, x-application/problem+json", false],
  ["*/*", false],
])("accept: %s asks for RFC 9457: %s", async (accept, isProblem) => {
  const { headers } = await send(`${api.url}/nope`, { headers: { accept } });
  const type = isProblem ? "application/problem+json" : "application/json";
  expect(headers.get("content-type")).toBe(`${type}; charset=utf-8`);
});
