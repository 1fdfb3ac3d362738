import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";

const SECRET = "hidden-secret";
const BAD_ROW = [5.1, SECRET, 1.4, 0.2];
const BAD = { features: BAD_ROW };
const MANY = { rows: Array.from({ length: 2000 }, () => [5.1, 3.5, 1.4, 0.2]).with(7, [1, 2, 3]) };
const LARGE = { rows: MANY.rows.map((row, index) => (index === 9 ? BAD_ROW : row)) };
const TENSOR = { name: "features", datatype: "FP32", shape: [1, 4], data: BAD_ROW };

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const file = (type: string, body: string): RequestInit => ({
  method: "POST",
  headers: { "content-type": type },
  body,
});

/** Requests that are wrong in a value; `quotes`: by default the response repeats it. */
const requests: readonly {
  readonly name: string;
  readonly path: string;
  readonly init: RequestInit;
  readonly status: number;
  readonly quotes: boolean;
}[] = [
  { name: "REST", path: "/predict", init: json(BAD), status: 422, quotes: true },
  {
    name: "an unknown key",
    path: "/predict",
    init: json({ features: [1, 2, 3, 4], x: SECRET }),
    status: 422,
    quotes: true,
  },
  { name: "REST that is lenient", path: "/v1/predict", init: json(BAD), status: 422, quotes: true },
  { name: "an explanation", path: "/explain", init: json(BAD), status: 422, quotes: true },
  {
    name: "a batch",
    path: "/predict-batch",
    init: json({ rows: [BAD_ROW] }),
    status: 422,
    quotes: true,
  },
  {
    name: "a batch of a worker thread",
    path: "/predict-batch",
    init: json(LARGE),
    status: 422,
    quotes: true,
  },
  {
    name: "RFC 9457",
    path: "/predict",
    init: json(BAD, { accept: "application/problem+json" }),
    status: 422,
    quotes: false,
  },
  {
    name: "events",
    path: "/predict-batch",
    init: json({ rows: [BAD_ROW] }, { accept: "text/event-stream" }),
    status: 422,
    quotes: true,
  },
  {
    name: "events of a large batch",
    path: "/predict-batch",
    init: json(LARGE, { accept: "text/event-stream" }),
    status: 422,
    quotes: true,
  },
  { name: "tRPC", path: "/trpc/predict", init: json(BAD), status: 422, quotes: true },
  {
    name: "a tRPC batch",
    path: "/trpc/predict?batch=1",
    init: json({ 0: BAD }),
    status: 422,
    quotes: true,
  },
  {
    name: "a tRPC stream",
    path: "/trpc/predictStream",
    init: json({ rows: [BAD_ROW] }),
    status: 422,
    quotes: true,
  },
  {
    name: "Open Inference Protocol",
    path: "/v2/models/iris-forest/infer",
    init: json({ inputs: [TENSOR] }),
    status: 400,
    quotes: false,
  },
  {
    name: "a tensor of another name",
    path: "/v2/models/iris-forest/infer",
    init: json({ inputs: [{ ...TENSOR, name: SECRET }] }),
    status: 400,
    quotes: true,
  },
  {
    name: "a tensor of another type",
    path: "/v2/models/iris-forest/infer",
    init: json({ inputs: [{ ...TENSOR, datatype: SECRET }] }),
    status: 400,
    quotes: true,
  },
  {
    name: "an output of another name",
    path: "/v2/models/iris-forest/infer",
    init: json({ inputs: [{ ...TENSOR, data: [1, 2, 3, 4] }], outputs: [{ name: SECRET }] }),
    status: 400,
    quotes: true,
  },
  {
    name: "a body that is no JSON",
    path: "/predict",
    init: json(`{"features":[${SECRET}]}`),
    status: 400,
    quotes: true,
  },
  {
    name: "a tRPC body that is no JSON",
    path: "/trpc/predict",
    init: json(`{"features":[${SECRET}]}`),
    status: 400,
    quotes: true,
  },
  {
    name: "a tRPC batch that is no JSON",
    path: "/trpc/predict,predict?batch=1",
    init: json(`{"0":${SECRET}}`),
    status: 400,
    quotes: true,
  },
  {
    name: "a CSV file",
    path: "/predict-file?strict=true",
    init: file(
      "text/csv",
      `sepal_length,sepal_width,petal_length,petal_width\n5.1,${SECRET},1.4,0.2\n`,
    ),
    status: 422,
    quotes: true,
  },
  {
    name: "an NDJSON file",
    path: "/predict-file?strict=true",
    init: file("application/x-ndjson", `${JSON.stringify(BAD)}\n`),
    status: 422,
    quotes: true,
  },
  {
    name: "an NDJSON line that is no JSON",
    path: "/predict-file?strict=true",
    init: file("application/x-ndjson", `{"features":[${SECRET}]}\n`),
    status: 422,
    quotes: true,
  },
  {
    name: "a CSV header",
    path: "/predict-file",
    init: file("text/csv", `${SECRET},b\n1,2\n`),
    status: 422,
    quotes: true,
  },
  {
    name: "a query",
    path: `/predict-file?strict=${SECRET}`,
    init: file("text/csv", "a\n"),
    status: 422,
    quotes: true,
  },
];

describe.each([
  ["true", true],
  ["false", false],
])("with ECHO_INPUT=%s", (ECHO_INPUT, echoes) => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await startApi({ variables: { ECHO_INPUT } });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  test.each(requests)("$name", async ({ path, init, status, quotes }) => {
    // Not by `send`, which compares with the document of a server that repeats the input.
    const reply = await fetch(api.url + path, init);
    const text = await reply.text();
    expect(reply.status, text).toBe(status);
    // V8 quotes ten characters on each side of the fault.
    expect(text.includes("hidden-se"), text).toBe(echoes && quotes);
    const found = [JSON.parse(text)].flat()[0];
    const entries = found.error?.data?.detail ?? found.detail;
    if (!Array.isArray(entries)) return;
    const keys = echoes ? ["type", "loc", "msg", "input"] : ["type", "loc", "msg"];
    for (const entry of entries) expect(Object.keys(entry)).toEqual(keys);
  });

  test("the OpenAPI document says the same", async () => {
    const body = JSON.parse(await (await fetch(`${api.url}/openapi.json`)).text());
    const { schemas } = body.components;
    const { $ref } = schemas.ValidationError.properties.detail.items;
    const entry = schemas[$ref.split("/").at(-1)];
    const names = ["type", "loc", "msg"];
    expect(entry.required).toEqual(echoes ? [...names, "input"] : names);
    expect(Object.keys(entry.properties)).toEqual(echoes ? [...names, "input"] : names);
    expect(JSON.stringify(body).includes('"input":"one"')).toBe(echoes);
  });
});
