import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOpenLoop, type OpenLoad } from "./open-loop.ts";

/** Responds to each request `HOLD_MS` after it arrived. */
const HOLD_MS = 20;
/** How long `/stall` holds all responses, from its hundredth request on. */
const STALL_MS = 200;

let requests = 0;
let bodies: string[] = [];
let stalledUntil = 0;

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += String(chunk)));
  request.on("end", () => {
    requests += 1;
    bodies.push(body);
    if (request.url === "/stall" && requests === 100) stalledUntil = performance.now() + STALL_MS;
    if (request.url === "/close") return response.destroy();
    if (request.url === "/foreign") return request.socket.write("SSH-2.0-OpenSSH\r\n\r\n");
    const hold = request.url === "/stall" ? Math.max(0, stalledUntil - performance.now()) : HOLD_MS;
    response.setHeader("content-length", 2);
    response.statusCode = request.url === "/full" ? 503 : request.url === "/bad" ? 422 : 200;
    return setTimeout(() => response.end("{}"), hold);
  });
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function load(path: string, given: Partial<OpenLoad> = {}): OpenLoad {
  const { port } = server.address() as AddressInfo;
  requests = 0;
  bodies = [];
  return {
    url: `http://127.0.0.1:${port}${path}`,
    bodies: ['{"a":1}', '{"b":22}'],
    rate: 200,
    schedule: "constant",
    warmUpSeconds: 0.102,
    seconds: 0.5,
    connections: 100,
    naps: true,
    ...given,
  };
}

test("requests keep coming while others wait for their response, and each is accounted for", async () => {
  const result = await runOpenLoop(load("/"));
  expect(result).toMatchObject({ due: 100, answered: 100, waited: 0, refused: 0 });
  expect(result.errors).toEqual({ non2xx: 0, sockets: 0, timeouts: 0 });
  expect(result.p50).toBeGreaterThanOrEqual(HOLD_MS - 1);
  expect(requests).toBe(120);
  expect(bodies.filter((body) => body === '{"a":1}')).toHaveLength(60);
  expect(bodies.filter((body) => body === '{"b":22}')).toHaveLength(60);
});

test("a request that finds no connection waits, and its latency counts from when it was due", async () => {
  // Two connections carry 100 requests a second, half of what is due.
  const result = await runOpenLoop(load("/", { connections: 2 }));
  expect(result.answered).toBe(100);
  expect(result.waited).toBeGreaterThan(90);
  expect(result.p99).toBeGreaterThan(400);
});

test("a stall shows in all requests that were due meanwhile, not in one", async () => {
  const result = await runOpenLoop(load("/stall", { rate: 500, seconds: 1, connections: 4 }));
  expect(result).toMatchObject({ due: 500, answered: 500 });
  // 100 of 500 requests were due during the stall, their waits spread from 0 to its length.
  expect(result.p90).toBeGreaterThan(STALL_MS * 0.3);
  expect(result.p99).toBeGreaterThan(STALL_MS * 0.7);
  expect(result.p50).toBeLessThan(result.p90 ?? 0);
});

test("a 503 is a rejection, another status an error, and neither is a latency", async () => {
  const full = await runOpenLoop(load("/full"));
  expect(full).toMatchObject({ answered: 0, refused: full.due, p50: null });
  const bad = await runOpenLoop(load("/bad"));
  expect(bad).toMatchObject({ answered: 0, errors: { non2xx: bad.due }, p50: null });
});

test("a connection lost under its request is an error, and another takes its place", async () => {
  const result = await runOpenLoop(load("/close", { connections: 4 }));
  expect(result).toMatchObject({ answered: 0, errors: { sockets: result.due } });
});

test("a response of another form, or no server, ends the run", async () => {
  await expect(runOpenLoop(load("/foreign"))).rejects.toThrow("unexpected response");
  const closed = { ...load("/"), url: "http://127.0.0.1:9/" };
  await expect(runOpenLoop(closed)).rejects.toThrow("ECONNREFUSED");
});

test("counts what a full HTTP client counts, with latencies of the same order", async () => {
  const { url, bodies, ...given } = load("/");
  const pool = new Pool(new URL(url).origin, { connections: 100, pipelining: 1 });
  const latencies: number[] = [];
  for (let number = 0; number < 20; number += 1) {
    const sent = performance.now();
    const { body } = await pool.request({
      path: "/",
      method: "POST",
      body: bodies[number % 2] ?? "",
    });
    await body.dump();
    latencies.push(performance.now() - sent);
  }
  await pool.close();
  const other = latencies.toSorted((a, b) => a - b)[10] ?? 0;
  const result = await runOpenLoop({ url, bodies, ...given });
  expect((result.p50 ?? 0) / other).toBeGreaterThan(0.1);
  expect((result.p50 ?? 0) / other).toBeLessThan(10);
});
