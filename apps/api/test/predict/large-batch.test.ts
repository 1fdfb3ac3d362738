import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send, type Reply } from "../support/json-request.ts";

// The lane of worker threads against the main thread: the same batches to two servers.

let threaded: ApiProcess;
let plain: ApiProcess;

beforeAll(async () => {
  const variables = { MAX_BATCH_ROWS: "3000" };
  [threaded, plain] = await Promise.all([
    startApi({ variables: { ...variables, INFERENCE_THREADS: "2" } }),
    startApi({ variables: { ...variables, INFERENCE_THREADS: "0" } }),
  ]);
});
afterAll(() => Promise.all([threaded, plain].map((api) => api[Symbol.asyncDispose]())));

/** Rows of the iris ranges that differ from each other. */
function manyRows(count: number): unknown[][] {
  return Array.from({ length: count }, (_, index) => [
    4.3 + (index % 37) / 10,
    2 + (index % 25) / 10,
    1 + (index % 60) / 10,
    0.1 + (index % 25) / 10,
  ]);
}

function withRow(count: number, at: number, row: unknown): unknown[] {
  return manyRows(count).with(at, row as unknown[]);
}

/** A reply without what differs from request to request. */
function essence({ status, text, headers }: Reply) {
  const body = text
    .replace(/"processing_time_ms":[\d.]+/, '"processing_time_ms":0')
    .replace(/"request_id":"[^"]+"/, '"request_id":""');
  // Long bodies as a digest, so that a difference can be read.
  const digest = createHash("sha256").update(body).digest("hex");
  const shown = body.length > 2000 ? `${body.slice(0, 300)}… ${digest}` : body;
  // The stock adapter names no charset, which JSON does not need.
  const type = headers.get("content-type")?.replace("; charset=utf-8", "");
  return { status, body: shown, type };
}

const CASES: Record<string, [path: string, body: unknown, headers?: Record<string, string>]> = {
  "2,000 rows": ["/predict-batch", { rows: manyRows(2000) }],
  "in executions of 7": ["/predict-batch", { rows: manyRows(1500), batch_size: 7 }],
  "in executions of one row": ["/predict-batch", { rows: manyRows(1500), batch_size: 1 }],
  "of a named model": ["/predict-batch", { rows: manyRows(1500), model_name: "iris-mlp" }],
  "under the contract's name": ["/iris/predict-batch", { rows: manyRows(1500) }],
  "over tRPC": ["/trpc/predictBatch", { rows: manyRows(2000) }],
  "over tRPC in a batch of one call": [
    "/trpc/predictBatch?batch=1",
    { 0: { rows: manyRows(2000) } },
  ],
  "one bad row in a batch of one call": [
    "/trpc/iris.predictBatch?batch=1",
    { 0: { rows: withRow(2000, 7, [1, "2", 3, 4]) } },
  ],
  "a batch of one call without its input": [
    "/trpc/predictBatch?batch=1",
    { 1: { rows: manyRows(2000) } },
  ],
  "a batch of one call that is a list": ["/trpc/predictBatch?batch=1", [{ rows: manyRows(2000) }]],
  "one bad row": ["/predict-batch", { rows: withRow(2000, 1500, [1, -2, 3, 4]) }],
  "one bad row over tRPC": ["/trpc/iris.predictBatch", { rows: withRow(2000, 7, [1, "2", 3, 4]) }],
  "strings to a legacy route": [
    "/v1/predict-batch",
    { rows: withRow(2000, 3, ["1", " 2 ", 3, 4]) },
  ],
  "strings to a strict route": ["/predict-batch", { rows: withRow(2000, 3, ["1", " 2 ", 3, 4]) }],
  "2,000 bad rows": ["/predict-batch", { rows: manyRows(2000).map(() => [0, 0, 0, 0]) }],
  "too many rows": ["/predict-batch", { rows: manyRows(3001) }],
  "an unknown model": ["/predict-batch", { rows: manyRows(1500), model_name: "rose" }],
  "an unknown version": ["/predict-batch", { rows: manyRows(1500), model_version: "9" }],
  "broken JSON": ["/predict-batch", `${JSON.stringify({ rows: manyRows(1500) })}}`],
  "an unknown key": ["/predict-batch", { rows: manyRows(1500), extra: 1 }],
  "one row among blanks": ["/predict-batch", `{"rows":[[5,3,1,1]]}${" ".repeat(20_000)}`],
  "a deadline that has passed": [
    "/predict-batch",
    { rows: manyRows(1500) },
    { "x-request-timeout-ms": "0" },
  ],
  "problem+json": [
    "/predict-batch",
    { rows: withRow(2000, 0, [null, 1, 1, 1]) },
    { accept: "application/problem+json" },
  ],
};

describe("a large batch gets the same answer from a worker thread as from the main thread", () => {
  test.each(Object.entries(CASES))("%s", async (_name, [path, body, headers]) => {
    const [there, here] = await Promise.all([
      post(threaded.url + path, body, headers),
      post(plain.url + path, body, headers),
    ]);
    expect(essence(there)).toEqual(essence(here));
    expect(there.status).toBeLessThan(505);
    expect(there.status).not.toBe(500);
  });

  test("and it was a worker thread that answered", async () => {
    const { text } = await send(`${threaded.url}/metrics`);
    expect(text).toMatch(
      /inference_rows_total\{model="iris-forest",version="1",lane="worker"\} \d/,
    );
    expect(text).not.toContain('lane="batch"');
    const other = await send(`${plain.url}/metrics`);
    expect(other.text).toContain('lane="batch"');
    expect(other.text).not.toContain('lane="worker"');
  });

  test("models of the threads are not counted as loads into the request path", async () => {
    const { text } = await send(`${threaded.url}/metrics`);
    expect(text).toContain('model_loads_total{model="iris-forest",version="1"} 1\n');
  });
});

test("every execution is counted", async () => {
  const name = 'inference_executions_total{model="iris-logistic",version="1",lane="worker"}';
  const rows = manyRows(1500);
  await post(`${threaded.url}/predict-batch`, { rows, batch_size: 1, model_name: "iris-logistic" });
  const { text } = await send(`${threaded.url}/metrics`);
  expect(text).toContain(`${name} 1500\n`);
  expect(text).toContain(`${name.replace("executions", "rows")} 1500\n`);
});

test("many large batches at once each get their own rows", async () => {
  const replies = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const rows = manyRows(1000 + index * 100);
      const reply = await post(`${threaded.url}/predict-batch`, { rows });
      return [reply.body.count, reply.body.predictions.length];
    }),
  );
  expect(replies).toEqual(Array.from({ length: 12 }, (_, i) => [1000 + i * 100, 1000 + i * 100]));
});
