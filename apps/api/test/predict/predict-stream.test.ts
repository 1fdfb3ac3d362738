import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { singleClient, streamClient } from "../support/trpc-client.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { MAX_BATCH_ROWS: "400000" } });
});
afterAll(() => api[Symbol.asyncDispose]());

type Row = [number, number, number, number];
const rows = Array.from({ length: 2500 }, (_, index): Row => [4 + (index % 40) / 10, 3, 1.4, 0.2]);

test("yields chunks in order, at the root and under the contract, and returns what a batch says", async () => {
  const { body: whole } = await post(`${api.url}/predict-batch`, { rows });
  const client = streamClient(api.url);
  for (const { predictStream } of [client, client.iris]) {
    const stream = await predictStream.mutate({ rows, batch_size: 1000 });
    const chunks = stream[Symbol.asyncIterator]();
    for (const offset of [0, 1000, 2000]) {
      const { value } = await chunks.next();
      const count = Math.min(1000, 2500 - offset);
      const predictions = whole.predictions.slice(offset, offset + count);
      expect(value).toEqual({ offset, count, total: 2500, predictions });
    }
    const { done, value } = await chunks.next();
    const { count, model_used, model_version } = whole;
    const processing_time_ms = expect.any(Number);
    expect([done, value]).toEqual([true, { count, model_used, model_version, processing_time_ms }]);
  }
});

test("two streams and a prediction share one request", async () => {
  const client = streamClient(api.url);
  const small = { rows: rows.slice(0, 10), batch_size: 5 };
  const [one, two, single] = await Promise.all([
    client.predictStream.mutate(small),
    client.predictStream.mutate(small),
    client.predict.mutate({ features: [5.1, 3.5, 1.4, 0.2] }),
  ]);
  expect(single.label).toBe("setosa");
  for (const stream of [one, two]) {
    const counts: number[] = [];
    for await (const { count } of stream) counts.push(count);
    expect(counts).toEqual([5, 5]);
  }
});

test("what fails before the first chunk fails the call", async () => {
  const { predictStream } = streamClient(api.url);
  const unknown = predictStream.mutate({ rows, model_name: "rose" });
  await expect(unknown).rejects.toMatchObject({ data: { code: "NOT_FOUND", httpStatus: 404 } });
  const negative = predictStream.mutate({ rows: [[1, 2, 3, -4]] });
  const detail = [{ type: "greater_than", loc: ["body", "rows", 0, 3] }];
  await expect(negative).rejects.toMatchObject({ data: { httpStatus: 422, detail } });
});

test("over a link that does not stream it is refused in words", async () => {
  const call = singleClient(api.url).predictStream.mutate({ rows: rows.slice(0, 2) });
  await expect(call).rejects.toThrow("use httpBatchStreamLink");
});

test("a client that stops listening stops the work", async () => {
  const controller = new AbortController();
  const many = Array.from({ length: 250_000 }, (): Row => [5.1, 3.5, 1.4, 0.2]);
  const options = { signal: controller.signal };
  const stream = await streamClient(api.url).predictStream.mutate({ rows: many }, options);
  const reading = (async () => {
    for await (const { offset } of stream) if (offset >= 5000) controller.abort();
  })();
  await expect(reading).rejects.toThrow("aborted");
  const computed = async () =>
    /lane="batch"\} (\d+)/.exec((await send(`${api.url}/metrics`)).text)?.[1];
  let before: string | undefined;
  await eventually(async () => {
    const now = await computed();
    const still = now === before;
    before = now;
    return still;
  }, "no more rows are computed");
  expect(Number(before)).toBeLessThan(many.length);
});
