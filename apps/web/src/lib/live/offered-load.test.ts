import { expect, test } from "vitest";
import { type LoadProgress, MOST_CALLS, offerLoad } from "./offered-load.ts";

const load = (options: Partial<Parameters<typeof offerLoad>[0]>) =>
  offerLoad({
    rate: () => 2000,
    seconds: 0.3,
    send: () => Promise.resolve(),
    onProgress: () => {},
    signal: new AbortController().signal,
    ...options,
  });

test("offers the rate while no response arrives, in requests of bounded size, and skips what is too much", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const counts: number[] = [];
  let seen: LoadProgress | undefined;
  const ended = load({
    rate: () => 100_000,
    send: (count) => {
      counts.push(count);
      return promise;
    },
    onProgress: (progress) => {
      seen = progress;
      if (progress.skipped > 0) resolve();
    },
  });
  const { sent, answered, skipped } = await ended;
  expect(Math.max(...counts)).toBeLessThanOrEqual(MOST_CALLS);
  expect([answered, skipped > 0, seen?.skipped]).toEqual([sent, true, skipped]);
});

test("counts failures, and ends at once when it is stopped", async () => {
  const failing = await load({ send: () => Promise.reject(new Error("full")) });
  expect(failing.sent).toBeGreaterThan(0);
  expect([failing.failed, failing.answered]).toEqual([failing.sent, 0]);
  const stop = new AbortController();
  const began = performance.now();
  await load({ seconds: 60, signal: stop.signal, onProgress: () => stop.abort() });
  expect(performance.now() - began).toBeLessThan(10_000);
});
