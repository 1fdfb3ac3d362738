import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "./api-process.ts";
import { post, send } from "./json-request.ts";
import { batchClient, streamClient } from "./trpc-client.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };

function path(procedure: string, calls: number): string {
  const names = Array.from({ length: calls }, () => procedure).join(",");
  return `${api.url}/trpc/${names}?batch=1`;
}

describe.each([
  ["httpBatchLink", batchClient],
  ["httpBatchStreamLink", streamClient],
])("the stock client over %s", (_name, connect) => {
  test("gets 100 calls of one tick answered", async () => {
    const client = connect(api.url);
    const calls = Array.from({ length: 100 }, (_, index) =>
      client.iris.predict.mutate({ features: [5.1, 3.5, 1.4, index + 1] }),
    );
    expect(await Promise.all(calls)).toHaveLength(100);
  });
});

test("a request of more than 100 calls is 400", async () => {
  const inputs = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [index, GOOD]));
  const reply = await post(path("predict", 101), inputs);
  expect(reply.status).toBe(400);
  expect(reply.body.error).toMatchObject({ message: "Batch call exceeds maximum size" });
  expect(reply.headers.get("content-type")).toMatch(/^application\/json/);
});

test("a request that mixes queries and mutations is 400", async () => {
  const reply = await post(`${api.url}/trpc/predict,health?batch=1`, { 0: GOOD });
  expect(reply.status).toBe(400);
  expect(reply.headers.get("content-type")).toMatch(/^application\/json/);
});

describe("a batch whose input is no object is 400 and no failure of the server", () => {
  const expected = { message: '"input" needs to be an object when doing a batch call' };

  test.each([[[]], [[GOOD]], [5], ["x"], [null]])("mutations: %j", async (input) => {
    const reply = await post(path("predict", 2), JSON.stringify(input));
    expect(reply.status).toBe(400);
    for (const { error } of reply.body) {
      expect(error).toMatchObject({ ...expected, data: { code: "BAD_REQUEST", httpStatus: 400 } });
    }
  });

  test.each(["[]", "5", "null"])("queries: %s", async (input) => {
    const reply = await send(`${path("health", 2)}&input=${encodeURIComponent(input)}`);
    expect(reply.status).toBe(400);
    expect(reply.body[0].error).toMatchObject(expected);
  });

  test("a form without a boundary", async () => {
    const headers = { "content-type": "multipart/form-data" };
    const reply = await send(`${api.url}/trpc/predict`, { method: "POST", headers, body: "x" });
    expect(reply.status).toBe(400);
  });

  test("nothing of it is logged as one", () => {
    expect(api.log.filter((line) => line["level"] === "error")).toEqual([]);
  });
});
