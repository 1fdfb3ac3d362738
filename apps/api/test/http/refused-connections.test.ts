import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { GOOD, requestOf } from "../support/failures.ts";
import { send } from "../support/json-request.ts";
import { sendRaw } from "../support/raw-request.ts";

const KEY = "0123456789abcdef";
const SPENT = "0123456789abcdef-spent";

/** Calls that one key has, more than any but the spent one makes. */
const QUOTA = 30;

let api: ApiProcess;
beforeAll(async () => {
  const API_KEYS = `nightly:${KEY},spent:${SPENT}`;
  const ADMIN_KEYS = "ops:0123456789abcdef-admin";
  const variables = { API_KEYS, ADMIN_KEYS, RATE_LIMIT: `${QUOTA}/hour`, MAX_BODY_BYTES: "5000" };
  api = await startApi({ variables });
  for (let calls = 0; calls < QUOTA; calls += 1) {
    const { status } = await send(`${api.url}/predict`, requestOf(GOOD, { "x-api-key": SPENT }));
    expect(status).toBe(200);
  }
});
afterAll(() => api[Symbol.asyncDispose]());

const BODY = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });
const LARGE = 1_000_000;

/** Route, its head, and the length of its body: what is refused with a status while the body comes. */
const REFUSED: [status: number, name: string, path: string, head: string, length: number][] = [
  [413, "a declared length", "/predict", `x-api-key: ${KEY}\r\n`, LARGE],
  [413, "tRPC", "/trpc/predict", `x-api-key: ${KEY}\r\n`, LARGE],
  [401, "no key", "/predict", "", 1000],
  [401, "tRPC", "/trpc/predict", "", 1000],
  [
    403,
    "a key that is no admin's",
    "/v2/repository/models/iris-mlp/unload",
    `x-api-key: ${KEY}\r\n`,
    1000,
  ],
  [429, "a quota that is spent", "/predict", `x-api-key: ${SPENT}\r\n`, 1000],
  [429, "tRPC", "/trpc/predict", `x-api-key: ${SPENT}\r\n`, 1000],
];

/** A connection that keeps what it gets and whether it was reset. */
async function open() {
  const { hostname, port } = new URL(api.url);
  const socket: Socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const seen = { text: "", error: undefined as Error | undefined, ended: false };
  socket.setEncoding("utf8").on("data", (part) => (seen.text += part));
  socket.on("error", (error) => (seen.error = error)).on("end", () => (seen.ended = true));
  await once(socket, "connect");
  return { socket, seen };
}

describe.each(REFUSED)("%i, %s", (status, _name, path, head, length) => {
  const begin = (version: string, connection: string) =>
    `POST ${path} HTTP/${version}\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
    `content-length: ${length}\r\n${connection}${head}\r\n`;

  test.each([
    ["connection: close", begin("1.1", "Connection: close\r\n")],
    ["HTTP/1.0", begin("1.0", "")],
  ])("%s is answered so, and ended once the body is sent", async (_asks, bytes) => {
    const { socket, seen } = await open();
    const half = " ".repeat(length / 2);
    socket.write(bytes + half);
    await eventually(() => seen.text.endsWith("}"), "an answer");
    expect(seen.text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(seen.text).toMatch(/^connection: close\r$/m);
    expect(seen).toMatchObject({ ended: false, error: undefined });
    socket.write(half);
    const started = performance.now();
    await eventually(() => seen.ended, "the end");
    // Idle connections are kept for far longer.
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(seen.error).toBeUndefined();
    socket.destroy();
  });

  test("any other connection is said to last, and does", async () => {
    const { socket, seen } = await open();
    socket.write(begin("1.1", "") + " ".repeat(length));
    await eventually(() => seen.text !== "", "an answer");
    expect(seen.text).toMatch(/^connection: keep-alive\r$/m);
    socket.write("GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await eventually(() => seen.text.includes("HTTP/1.1 200 "), "a second answer");
    expect(seen).toMatchObject({ ended: false, error: undefined });
    socket.destroy();
  });
});

test("a body without a length that grows too large: the answer says that the connection ends", async () => {
  const { socket, seen } = await open();
  const head = `host: localhost\r\ncontent-type: application/json\r\nx-api-key: ${KEY}\r\n`;
  const chunked = "connection: close\r\ntransfer-encoding: chunked\r\n";
  socket.write(`POST /predict HTTP/1.1\r\n${head}${chunked}\r\n2000\r\n${" ".repeat(0x2000)}\r\n`);
  await eventually(() => seen.text.endsWith("}"), "an answer");
  socket.write("0\r\n\r\n");
  await eventually(() => seen.ended, "the end");
  expect(seen.text).toMatch(/^HTTP\/1.1 413 /);
  expect(seen.text).toMatch(/^connection: close\r$/m);
  expect(seen.error).toBeUndefined();
  socket.destroy();
});

test("a refused client that reads until the end comes to it", async () => {
  const head = `host: localhost\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n`;
  const started = performance.now();
  const reply = await sendRaw(
    api.url,
    `POST /trpc/explain HTTP/1.1\r\n${head}connection: close\r\n\r\n${BODY}`,
  );
  expect(reply.status).toBe(401);
  expect(performance.now() - started).toBeLessThan(30_000);
});
