import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { openEvents, readEvents } from "../support/event-reader.ts";
import { post, send } from "../support/json-request.ts";
import type { TestRepository } from "../support/model-repository.ts";
import { copyWithNan } from "../support/nan-version.ts";

let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  repository = await copyWithNan();
  const variables = { MODELS_DIR: repository.path, MAX_BATCH_ROWS: "400000" };
  api = await startApi({ variables });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const GOOD = [5.1, 3.5, 1.4, 0.2];
const EVENTS = { accept: "text/event-stream" };

/** Rows that differ. */
function numbered(count: number): number[][] {
  return Array.from({ length: count }, (_, index) => [
    4 + (index % 40) / 10,
    3,
    1 + (index % 50) / 10,
    1,
  ]);
}

/** A body whose response of 14 MB is more than the sockets between two processes hold. */
const LONG = { rows: Array.from({ length: 250_000 }, () => GOOD) };

async function streamedRows(): Promise<number> {
  const { text } = await send(`${api.url}/metrics`);
  const found = /^inference_rows_total\{model="iris-forest",version="1",lane="batch"\} (\d+)/m;
  return Number(found.exec(text)?.[1] ?? 0);
}

/** Waits until the server computes no more rows; gives how many it has computed. */
async function standstill(): Promise<number> {
  let before = -1;
  await eventually(async () => {
    const now = await streamedRows();
    const still = now === before;
    before = now;
    return still;
  }, "no more rows are computed");
  return before;
}

describe.each(["/predict-batch", "/v2/predict-batch", "/v1/predict-batch", "/iris/predict-batch"])(
  "%s",
  (path) => {
    test.each([
      [2500, undefined, [0, 1000, 2000]],
      [7, 3, [0, 3, 6]],
      [5, 1, [0, 1, 2, 3, 4]],
      [2500, 2300, [0, 2300]],
      [2, 400_000, [0]],
    ])("streams %i rows in chunks of %s", async (total, batch_size, offsets) => {
      const body = { rows: numbered(total), ...(batch_size !== undefined && { batch_size }) };
      const whole = (await post(api.url + path, body)).body;
      const response = await openEvents(api.url + path, body);
      expect(response.statusCode).toBe(200);
      expect(response.headers).toMatchObject({
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
      });
      const events = await readEvents(response);
      const end = events.pop();
      const { count, model_used, model_version } = whole;
      const processing_time_ms = expect.any(Number);
      const done = { count, model_used, model_version, processing_time_ms };
      expect(end).toEqual({ event: "done", data: done });
      expect(events.map(({ event }) => event)).toEqual(offsets.map(() => "progress"));
      expect(events.map(({ data }) => data.offset)).toEqual(offsets);
      for (const { data } of events) {
        expect(data.total).toBe(total);
        expect(data.predictions).toHaveLength(data.count);
      }
      expect(events.flatMap(({ data }) => data.predictions)).toEqual(whole.predictions);
    });
  },
);

test.each([
  "*/*",
  "application/json",
  "application/json, text/event-stream",
  "text/event-stream;q=0, */*",
])("a client that accepts %s gets JSON", async (accept) => {
  const reply = await post(`${api.url}/predict-batch`, { rows: [GOOD] }, { accept });
  expect(reply.headers.get("content-type")).toMatch(/^application\/json/);
  expect(reply.body.count).toBe(1);
});

test.each([
  ["{", 400, {}],
  [{ rows: [] }, 422, {}],
  [{ rows: [GOOD, [1, 2, 3]] }, 422, {}],
  [{ rows: [GOOD], model_name: "rose" }, 404, {}],
  [{ rows: [[101, 1, 1, 1]], model_name: "iris-mlp", model_version: "nan" }, 500, {}],
  [{ rows: [GOOD] }, 504, { "x-request-timeout-ms": "0" }],
])("what fails before the first event is no stream: %j is %i", async (body, status, headers) => {
  const reply = await post(`${api.url}/predict-batch`, body, { ...EVENTS, ...headers });
  expect(reply.status).toBe(status);
  expect(reply.headers.get("content-type")).toMatch(/^application\/json/);
});

test("a failure later on is the last event, with the error's body, and its reason in the log", async () => {
  const rows = [...numbered(20), [101, 1, 1, 1], ...numbered(20)];
  const body = { rows, batch_size: 10, model_name: "iris-mlp", model_version: "nan" };
  const headers = { "x-request-id": "nan-stream" };
  const events = await readEvents(await openEvents(`${api.url}/predict-batch`, body, headers));
  expect(events.map(({ event }) => event)).toEqual(["progress", "progress", "error"]);
  const data = { detail: "Internal Server Error", request_id: "nan-stream" };
  expect(events.at(-1)).toEqual({ event: "error", data });
  const line = () => api.log.find(({ request_id }) => request_id === "nan-stream");
  await eventually(() => line() !== undefined, "the request is logged");
  expect(line()).toMatchObject({ level: "error", rows: 20, model: "iris-mlp" });
  expect(JSON.stringify(line())).toContain("the model returned no finite number");
});

test("a deadline that passes while the client does not read ends the stream with an error", async () => {
  const opened = (milliseconds: number) =>
    openEvents(`${api.url}/predict-batch`, LONG, { "x-request-timeout-ms": String(milliseconds) });
  // How long it takes to the first event depends on the machine.
  let milliseconds = 1000;
  let response = await opened(milliseconds);
  while (response.statusCode === 504 && milliseconds < 60_000) {
    response.resume();
    milliseconds *= 2;
    response = await opened(milliseconds);
  }
  expect(response.statusCode).toBe(200);
  await sleep(milliseconds);
  const events = await readEvents(response);
  expect(events.at(-1)).toMatchObject({
    event: "error",
    data: { detail: "the deadline passed before the work was run" },
  });
});

test("rows are computed no faster than the client reads", async () => {
  const before = await streamedRows();
  const response = await openEvents(`${api.url}/predict-batch`, LONG);
  const unread = (await standstill()) - before;
  expect(unread).toBeGreaterThan(0);
  expect(unread).toBeLessThan(LONG.rows.length);
  expect((await post(`${api.url}/predict`, { features: GOOD })).status).toBe(200);
  const events = await readEvents(response);
  expect(events.at(-1)).toMatchObject({ event: "done", data: { count: LONG.rows.length } });
  expect((await streamedRows()) - before).toBe(LONG.rows.length);
});

test("a client that hangs up while it reads stops the work", async () => {
  const before = await streamedRows();
  const response = await openEvents(`${api.url}/predict-batch`, LONG);
  let read = 0;
  for await (const part of response) {
    read += part.length;
    // Leaving the loop destroys the connection.
    if (read > 1e6) break;
  }
  const computed = (await standstill()) - before;
  expect(computed).toBeGreaterThan(10_000);
  expect(computed).toBeLessThan(LONG.rows.length);
});
