import { once } from "node:events";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runClosedLoop } from "./closed-loop.ts";
import { requestBytes } from "./connections.ts";

const CONNECTIONS = 16;
const HOLD_MS = 70;

let address = "";
let requests = 0;
let slowUntil = 0;
const paths = new Set<string | undefined>();

const server = createServer((request, response) => {
  requests += 1;
  paths.add(request.url);
  request.resume();
  request.on("end", () => {
    // Written in two parts, a body without a length comes in chunks.
    if (request.url === "/chunks") response.write("[");
    if (request.url === "/slow" || performance.now() < slowUntil) {
      response.setHeader("content-length", 2);
      return setTimeout(() => response.end("{}"), HOLD_MS);
    }
    if (request.url === "/chunks") response.end("]");
    else if (request.url === "/foreign") request.socket.write("SSH-2.0-OpenSSH\r\n\r\n");
    else response.writeHead(request.url === "/bad" ? 422 : 200, { "content-length": 2 }).end("{}");
    return undefined;
  });
});

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  address = `http://127.0.0.1:${bound.port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function load(path: string) {
  const url = new URL(path, address);
  return {
    url,
    requests: [requestBytes(url, "{}"), requestBytes(url, "[]")],
    connections: CONNECTIONS,
    warmUpSeconds: 0,
    warmUpRequests: 500,
    seconds: 0.2,
  };
}

const connectionCount = promisify(server.getConnections.bind(server));

test("counts what is sent once every connection is open and warm, and all of it", async () => {
  requests = 0;
  let before = 0;
  const result = await runClosedLoop(load("/?batch=1"), async () => {
    before = requests;
    expect(await connectionCount()).toBe(CONNECTIONS);
  });
  expect(before).toBeGreaterThanOrEqual(500);
  expect(result.requests).toBe(requests - before);
  expect(result.requests).toBeGreaterThan(0);
  expect(result.seconds).toBeGreaterThanOrEqual(0.19);
  expect(result.p99).toBeGreaterThan(0);
  expect(result.errors).toEqual({ non2xx: 0, sockets: 0, timeouts: 0 });
  expect(paths).toEqual(new Set(["/?batch=1"]));
});

test("needs no warm-up to have every connection open, and counts requests in flight at the end", async () => {
  requests = 0;
  let before = 0;
  const result = await runClosedLoop({ ...load("/slow"), warmUpRequests: 0 }, async () => {
    before = requests;
    // Those of the test before may still be closing.
    expect(await connectionCount()).toBeGreaterThanOrEqual(CONNECTIONS);
  });
  expect(before).toBe(0);
  expect(result.requests).toBe(requests);
  // The last were sent within the 0.2 s and came after them.
  expect(result.seconds).toBeGreaterThanOrEqual(0.19);
  expect(result.p50).toBeGreaterThanOrEqual(HOLD_MS - 2);
});

test("a response counts for the second in which it came", async () => {
  slowUntil = performance.now() + 950;
  const cold = { ...load("/cold"), warmUpRequests: 0, seconds: 1.5 };
  const { p99BySecond } = await runClosedLoop(cold, async () => {});
  const [first, second] = p99BySecond;
  expect(p99BySecond.length).toBe(2);
  expect(first).toBeGreaterThanOrEqual(HOLD_MS - 2);
  expect(second).toBeLessThan(first ?? 0);
});

test("takes responses in chunks, as the stock adapter of tRPC sends them", async () => {
  const result = await runClosedLoop(load("/chunks"), async () => {});
  expect(result.requests).toBeGreaterThan(0);
});

test("errors are counted apart, and without successes there is no latency", async () => {
  const result = await runClosedLoop(load("/bad"), async () => {});
  expect(result).toMatchObject({ requests: 0, p50: null });
  expect(result.errors.non2xx).toBeGreaterThan(0);
});

test("a response that is no HTTP, or no server, ends the run", async () => {
  await expect(runClosedLoop(load("/foreign"), async () => {})).rejects.toThrow("unexpected");
  const closed = { ...load("/"), url: new URL("http://127.0.0.1:9/") };
  await expect(runClosedLoop(closed, async () => {})).rejects.toThrow("ECONNREFUSED");
});
