import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOpenLoop, type OpenLoad } from "./open-loop.ts";

/** Answers each request `HOLD_MS` after it came. */
const HOLD_MS = 50;
const server = createServer((request, response) => {
  request.resume();
  setTimeout(() => {
    response.statusCode = request.url === "/full" ? 503 : 200;
    response.end("{}");
  }, HOLD_MS);
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function load(path: string, maxInFlight: number): OpenLoad {
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    bodies: ["{}"],
    rate: 200,
    schedule: "constant",
    warmUpSeconds: 0.102,
    seconds: 0.5,
    maxInFlight,
  };
}

test("requests keep coming while others are unanswered, and each is accounted for", async () => {
  const result = await runOpenLoop(load("/", 100));
  expect(result).toMatchObject({ due: 100, answered: 100, shed: 0, refused: 0 });
  expect(result.p50).toBeGreaterThanOrEqual(HOLD_MS - 1);
});

test("what exceeds the bound is shed and counted, not queued", async () => {
  const result = await runOpenLoop(load("/", 2));
  expect(result.shed).toBeGreaterThan(50);
  expect(result.answered + result.shed).toBe(result.due);
  expect(result.p50).toBeLessThan(HOLD_MS * 2);
});

test("a 503 is a refusal and no latency", async () => {
  const result = await runOpenLoop(load("/full", 100));
  expect(result).toMatchObject({ answered: 0, refused: result.due, p50: null });
});
