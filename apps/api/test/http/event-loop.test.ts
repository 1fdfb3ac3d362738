import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { send } from "../support/json-request.ts";
import { mostResident } from "../support/process-resources.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const EVENTS = { accept: "text/event-stream" };
const STREAM = { "trpc-accept": "application/jsonl" };
/** The JSON that takes a parser longest: every key gives the object another shape. */
const keyed = `{${Array.from({ length: 600_000 }, (_, key) => `"k${key}":1`).join()}}`;
const row = "[5.1,3.5,1.4,0.2]";
const batch = `{"rows":[${Array.from({ length: 100_000 }, () => row).join()}]}`;
const twoBatches = `{"0":${batch},"1":${batch}}`;

/** Asks for `/health/live` over one connection, on a thread that nothing else holds, and gives the longest time until it was answered. */
const PROBE = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { connect } = require("node:net");
  let longest = 0, asked = 0;
  const socket = connect(Number(new URL(workerData).port), "127.0.0.1");
  const ask = () => { asked = performance.now(); socket.write("GET /health/live HTTP/1.1\\r\\nhost: localhost\\r\\n\\r\\n"); };
  socket.on("connect", ask);
  socket.on("data", () => { longest = Math.max(longest, performance.now() - asked); setTimeout(ask, 2); });
  parentPort.on("message", (word) => {
    if (word === "reset") longest = 0;
    else parentPort.postMessage(Math.max(longest, performance.now() - asked));
  });
`;

test.each([
  ["/predict-batch", EVENTS, keyed, 413],
  ["/trpc/predictStream?batch=1", STREAM, `{"0":${keyed}}`, 200],
  ["/trpc/predictStream", {}, keyed, 413],
  ["/trpc/explain", {}, keyed, 413],
  ["/trpc/predict,predict?batch=1", {}, `{"0":${keyed}}`, 413],
  ["/trpc/predictBatch,predictBatch?batch=1", {}, twoBatches, 413],
  ["/trpc/jobs.create", {}, keyed, 413],
  ["/v2/repository/index", {}, keyed, 413],
])(
  "%s %o does not hold the event loop while a large body is parsed",
  async (path, headers, body, status) => {
    const probe = new Worker(PROBE, { eval: true, workerData: api.url });
    const longest = () =>
      new Promise<number>((resolve) => {
        probe.once("message", resolve);
        probe.postMessage("report");
      });
    await expect.poll(longest).toBeGreaterThan(0);
    probe.postMessage("reset");
    const started = performance.now();
    const reply = await send(api.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    const took = performance.now() - started;
    const held = await longest();
    await probe.terminate();
    expect(reply.status).toBe(status);
    // On the main thread it is nearly all of the time; a busy machine makes both longer.
    expect(held).toBeLessThan(Math.max(300, took * 0.75));
  },
);

test("a large body that is not JSON is told so in the face of tRPC", async () => {
  const reply = await send(`${api.url}/trpc/explain,explain?batch=1`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"0":[${"1,".repeat(20_000)}`,
  });
  expect(reply.status).toBe(400);
  expect(reply.body.error.data.code).toBe("PARSE_ERROR");
});

test.each([
  ["deep", "[".repeat(8_000_000) + "]".repeat(8_000_000)],
  ["empty lists", `[${"[],".repeat(5_000_000)}[]]`],
  ["empty objects", `[${"{},".repeat(5_000_000)}{}]`],
])(
  "a body whose parsing would take a hundred times its length in memory is 413: %s",
  async (_name, body) => {
    const headers = { "content-type": "application/json" };
    for (const path of ["/predict-batch", "/v2/models/iris-forest/infer"]) {
      expect((await send(api.url + path, { method: "POST", headers, body })).status).toBe(413);
    }
    // Only Linux tells it.
    if (process.platform !== "linux") return;
    // In MiB: 1,800 when they were parsed.
    expect(mostResident(api)).toBeLessThan(900);
  },
);
