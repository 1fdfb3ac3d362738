import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";

// Bodies whose JSON is dear to parse: they are rejected by what is counted before.

const JSON_TYPE = { "content-type": "application/json" };
const ROW = [5.1, 3.5, 1.4, 0.2];

/** So many keys that no object had before, in objects of `each`. */
function newKeys(count: number, each: number): string {
  const objects: string[] = [];
  for (let first = 0; first < count; first += each) {
    const keys = Array.from({ length: each }, (_, index) => `"k${first + index}":1`);
    objects.push(`{${keys.join(",")}}`);
  }
  return objects.join(",");
}

const MANY = newKeys(200_000, 1000);

let api: ApiProcess;
let threadless: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { INFERENCE_THREADS: "1" } });
  threadless = await startApi({ variables: { INFERENCE_THREADS: "0" } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await threadless[Symbol.asyncDispose]();
});

describe.each(["threads", "no threads"])("with %s, a body of 200,000 keys is 413", (which) => {
  test.each<[string, string]>([
    ["/predict-batch", `{"rows":[${MANY}]}`],
    ["/v1/predict-batch", `{"rows":[[5.1,3.5,1.4,0.2]],"more":[${MANY}]}`],
    ["/v2/models/iris-forest/infer", `{"inputs":[${MANY}]}`],
    ["/trpc/predictBatch", `{"rows":[${MANY}]}`],
    ["/trpc/predictBatch?batch=1", `{"0":{"rows":[${MANY}]}}`],
    ["/trpc/predictStream", `{"rows":[${MANY}]}`],
    ["/trpc/jobs.create", `{"format":"csv","data":"x","more":[${MANY}]}`],
    ["/trpc/predict,explain?batch=1", `{"0":{"features":[${MANY}]}}`],
  ])("on %s", async (path, body) => {
    const { url } = which === "threads" ? api : threadless;
    const { status, text } = await send(url + path, { method: "POST", headers: JSON_TYPE, body });
    expect([status, text]).toEqual([
      413,
      expect.stringMatching(/object keys; at most 100000|too many values/),
    ]);
  });
});

test("keys that every row repeats do not count, in whatever number", async () => {
  const row = {
    island: "Dream",
    bill_length_mm: 40.9,
    body_mass_g: 3200,
    sex: "female",
    year: 2008,
  };
  const rows = Array.from({ length: 30_000 }, () => row);
  const { status, body } = await post(`${api.url}/penguins/predict-batch`, { rows });
  expect([status, body.count]).toEqual([200, rows.length]);
});

test("keys, lists and objects inside of texts do not count", async () => {
  const idempotency_key = "k";
  const data = `id,sepal_length,sepal_width,petal_length,petal_width\n${'":{[1,5.1,3.5,1.4,0.2\n'.repeat(60_000)}`;
  const reply = await post(`${api.url}/trpc/jobs.create`, { format: "csv", data, idempotency_key });
  expect(reply.status).toBe(200);
});

test("a batch is answered while bodies of a million keys arrive", async () => {
  const rows = Array.from({ length: 2000 }, () => ROW);
  const timedBatch = async () => {
    const began = performance.now();
    expect((await post(`${api.url}/predict-batch`, { rows })).status).toBe(200);
    return performance.now() - began;
  };
  const alone = await timedBatch();
  const hostile = `{"rows":[${newKeys(1_000_000, 10)}]}`;
  const sent = Array.from({ length: 3 }, () =>
    send(`${api.url}/predict-batch`, { method: "POST", headers: JSON_TYPE, body: hostile }),
  );
  const waited = await timedBatch();
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([413, 413, 413]);
  // Parsing one of them takes 2 s of a free core; on a busy one the batch takes longer by itself, too.
  expect(waited).toBeLessThan(Math.max(4000, alone * 20));
});
