import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";
import { batchClient, streamClient } from "../support/trpc-client.ts";

let api: ApiProcess;
/** Lines that other files of this worker had the server log. */
let before = 0;
beforeAll(async () => {
  api = await sharedApi();
  before = api.log.length;
});

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

test("of more than 100 calls the first 100 are run, and the others name the limit", async () => {
  const inputs = Object.fromEntries(Array.from({ length: 102 }, (_, index) => [index, GOOD]));
  const reply = await post(path("predict", 102), inputs);
  expect(reply.status).toBe(207);
  expect(reply.body).toHaveLength(102);
  for (const { result } of reply.body.slice(0, 100)) expect(result.data.label).toBe("setosa");
  for (const { error } of reply.body.slice(100)) {
    expect(error.message).toBe(
      "a request may have at most 100 calls (MAX_CALLS): send this one in another",
    );
    expect(error.data).toMatchObject({ code: "BAD_REQUEST", httpStatus: 400, path: "predict" });
  }
});

test("a stream of more than 100 calls is 400 and names the limit", async () => {
  const inputs = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [index, GOOD]));
  const reply = await post(path("predict", 101), inputs, { "trpc-accept": "application/jsonl" });
  expect(reply.status).toBe(400);
  expect(reply.body.error.message).toBe("a stream may have at most 100 calls (MAX_CALLS), not 101");
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

  test("a form is 415", async () => {
    const headers = { "content-type": "multipart/form-data" };
    const reply = await send(`${api.url}/trpc/predict`, { method: "POST", headers, body: "x" });
    expect(reply.status).toBe(415);
  });

  test("nothing of it is logged as one", () => {
    expect(api.log.slice(before).filter((line) => line["level"] === "error")).toEqual([]);
  });
});
