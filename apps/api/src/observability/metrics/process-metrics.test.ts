import { Registry } from "prom-client";
import { afterEach, expect, test, vi } from "vitest";
import { processMetrics } from "./process-metrics.ts";

const BLOCKED_MS = 200;

/** Keeps the event loop from turning, between two samples of its monitor. */
async function block(): Promise<void> {
  const turns = () => new Promise((resolve) => setTimeout(resolve, 30));
  await turns();
  const end = performance.now() + BLOCKED_MS;
  while (performance.now() < end);
  await turns();
}

async function longestDelay(register: Registry): Promise<number> {
  const text = await register.metrics();
  return Number(/^nodejs_eventloop_delay_seconds\{level="1"\} (\S+)/m.exec(text)?.[1]);
}

afterEach(() => vi.useRealTimers());

test("the event-loop delay is the same for every reader of a window, and of the last full one", async () => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  const register = new Registry();
  processMetrics(register);
  await block();
  const seen = await longestDelay(register);
  expect(seen).toBeGreaterThan((BLOCKED_MS * 0.8) / 1000);
  expect(await longestDelay(register)).toBe(seen);
  vi.advanceTimersByTime(10_000);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(await longestDelay(register)).toBe(seen);
  vi.advanceTimersByTime(10_000);
  expect(await longestDelay(register)).toBeLessThan(seen);
});
