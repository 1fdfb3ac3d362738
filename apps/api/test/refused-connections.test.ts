import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "./api-process.ts";
import { sendRaw } from "./raw-request.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { API_KEYS: "nightly:0123456789abcdef" } });
});
afterAll(() => api[Symbol.asyncDispose]());

const BODY = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });
const HEAD = `host: sepal\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n`;

test.each([
  ["HTTP/1.1 with connection: close", `POST /predict HTTP/1.1\r\n${HEAD}connection: close\r\n\r\n`],
  ["HTTP/1.0", `POST /predict HTTP/1.0\r\n${HEAD}\r\n`],
  ["tRPC", `POST /trpc/explain HTTP/1.1\r\n${HEAD}connection: close\r\n\r\n`],
])("a refused client that reads until the end comes to it: %s", async (_name, head) => {
  const started = performance.now();
  const reply = await sendRaw(api.url, head + BODY);
  expect(reply.status).toBe(401);
  // Idle connections are kept for far longer.
  expect(performance.now() - started).toBeLessThan(4000);
});
