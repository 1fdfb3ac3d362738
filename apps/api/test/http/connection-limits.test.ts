import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post } from "../support/json-request.ts";

const LARGE = 600_000;

let api: ApiProcess;
beforeAll(async () => {
  const variables = {
    REQUEST_TIMEOUT_MS: "1000",
    MAX_CONNECTIONS: "20",
    MAX_BODY_BYTES: "1000000",
    MAX_BODIES_BYTES: "1000000",
  };
  api = await startApi({ variables });
});
afterAll(() => api[Symbol.asyncDispose]());

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** All that a connection gets until it ends. */
async function received(socket: Socket): Promise<string> {
  let text = "";
  for await (const part of socket.setEncoding("utf8")) text += part;
  return text;
}

const HEAD =
  "POST /predict-batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

describe("a client that is too slow is cut off with 408", () => {
  test.each([
    ["in its head", HEAD],
    ["in its body", `${HEAD}Content-Length: 100\r\n\r\n{"rows":`],
    ["in a chunk", `${HEAD}Transfer-Encoding: chunked\r\n\r\n8\r\n{"rows":\r\n`],
    ["before its first byte", ""],
  ])("%s", async (_where, bytes) => {
    const socket = await open();
    const start = performance.now();
    if (bytes !== "") socket.write(bytes);
    const text = await received(socket);
    // By default a head may take 20 s, and a body 120 s.
    expect(performance.now() - start).toBeLessThan(18_000);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain("connection: close");
  });

  test("also one that sends a byte now and then", async () => {
    const socket = await open();
    socket.write(HEAD);
    const drip = setInterval(() => socket.write("x: y\r\n"), 50);
    const text = await received(socket);
    clearInterval(drip);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test("large bodies that come at once are bounded together, and the place is free again", async () => {
  const holding = await open();
  holding.write(`${HEAD}Content-Length: ${LARGE}\r\n\r\n{"rows":`);
  const rows = { rows: [[5.1, 3.5, 1.4, 0.2]], x: " ".repeat(LARGE) };
  await eventually(async () => {
    const { status, headers, body } = await post(`${api.url}/predict-batch`, rows);
    if (status !== 503) return false;
    expect(headers.get("retry-after")).toBe("1");
    expect(body.detail).toBe("too many large bodies at once");
    return true;
  }, "a second large body is refused");
  const small = { rows: [[5.1, 3.5, 1.4, 0.2]] };
  expect((await post(`${api.url}/predict-batch`, small)).status).toBe(200);
  holding.destroy();
  await eventually(
    async () => (await post(`${api.url}/predict-batch`, rows)).status === 422,
    "the place is free again",
  );
});

describe.each([
  ["/predict-batch", (rows: string) => rows],
  ["/trpc/predictBatch", (rows: string) => rows],
  ["/trpc/predictBatch?batch=1", (rows: string) => `{"0":${rows}}`],
])("bodies without a length on %s", (path, wrap) => {
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  const chunked = `${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  const large = wrap(JSON.stringify({ rows: [[5.1, 3.5, 1.4, 0.2]], x: " ".repeat(LARGE) }));

  test("count as what has come: many slow ones keep nobody out", async () => {
    const slow = await Promise.all(Array.from({ length: 8 }, open));
    for (const socket of slow) socket.write(`${chunked}8\r\n{"rows":\r\n`);
    // Served after what was sent before it.
    expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
    const { status } = await post(api.url + path, large);
    for (const socket of slow) socket.destroy();
    expect([413, 422]).toContain(status);
  });

  test("are refused where what has come is too much beside others", async () => {
    const holding = await open();
    holding.write(`${HEAD}Content-Length: ${LARGE}\r\n\r\n{"rows":`);
    expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
    const socket = await open();
    const answer = received(socket);
    socket.write(`${chunked}${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`);
    const text = await answer;
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toContain("too many large bodies at once");
    holding.destroy();
  });

  test("are read whole, and their place is free again", async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      const socket = await open();
      const answer = received(socket);
      socket.write(`${chunked}${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`);
      expect(await answer).toMatch(/^HTTP\/1\.1 (?:422|413) /);
    }
    const rows = wrap('{"rows":[[5.1,3.5,1.4,0.2]]}');
    const socket = await open();
    const answer = received(socket);
    socket.write(`${chunked}${rows.length.toString(16)}\r\n${rows}\r\n0\r\n\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test("connections over the limit are closed, and those there are served", async () => {
  const sockets: Socket[] = [];
  const closed = new Set<Socket>();
  for (let index = 0; index < 40; index += 1) {
    const socket = await open();
    socket.on("close", () => closed.add(socket));
    sockets.push(socket);
  }
  await eventually(() => closed.size >= 20, "what is too many is closed");
  const kept = sockets.find((socket) => !closed.has(socket));
  expect(kept).toBeDefined();
  kept?.write("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  if (kept !== undefined) expect(await received(kept)).toMatch(/^HTTP\/1\.1 200 /);
  for (const socket of sockets) socket.destroy();
  await eventually(async () => {
    try {
      return (await fetch(`${api.url}/health/live`)).ok;
    } catch {
      return false;
    }
  }, "others are served again");
});

const STORM = 1000;
const somaxconn = Number(readFileSync("/proc/sys/net/core/somaxconn", "utf8"));

test.skipIf(somaxconn < STORM)(
  "connections that open at once wait to be accepted, none is dropped",
  async () => {
    // Nothing is accepted meanwhile.
    api.child.kill("SIGSTOP");
    const opening = Array.from({ length: STORM }, open);
    try {
      const start = performance.now();
      await Promise.all(opening);
      // A dropped one opens no sooner than after a second, and never here.
      expect(performance.now() - start).toBeLessThan(100_000);
    } finally {
      api.child.kill("SIGCONT");
      for (const socket of await Promise.all(opening)) socket.destroy();
    }
  },
);
