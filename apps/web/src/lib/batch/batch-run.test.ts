import { expect, test } from "vitest";
import type { Failure } from "@sepal/client/failure";
import { retryDelay, sendChunks, type Chunk } from "./batch-run.ts";

const DOWN: Failure = {
  kind: "unreachable",
  message: "",
  status: null,
  retryAfter: null,
  requestId: null,
  detail: [],
  errorsTotal: 0,
  retryable: false,
};
const chunks = Array.from({ length: 9 }, (_, index) => ({ from: index * 10, to: index * 10 + 10 }));

function setUp(
  send: (chunk: Chunk, attempt: number) => void,
  signal = new AbortController().signal,
) {
  const attempts = new Map<number, number>();
  const recorded: number[] = [];
  const waits: (number | null)[] = [];
  let [inFlight, most] = [0, 0];
  const done = sendChunks({
    chunks,
    async send(chunk) {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await Promise.resolve();
      inFlight -= 1;
      const attempt = (attempts.get(chunk.from) ?? 0) + 1;
      attempts.set(chunk.from, attempt);
      send(chunk, attempt);
      return chunk.from;
    },
    record: ({ from }) => void recorded.push(from),
    readFailure: (error) => ({ ...DOWN, kind: error === "lost" ? "unreachable" : "invalid" }),
    onWaiting: (waiting) => void waits.push(waiting === null ? null : waiting.retryAt),
    signal,
    pause: () => Promise.resolve(),
  });
  return { done, recorded, waits, attempts, most: () => most };
}

test("sends every chunk once, two at a time", async () => {
  const { done, recorded, most } = setUp(() => {});
  await done;
  expect(recorded).toEqual(chunks.map(({ from }) => from));
  expect(most()).toBe(2);
});

test("repeats what was lost and records it once", async () => {
  const { done, recorded, waits, attempts } = setUp(({ from }, attempt) => {
    if (from % 20 === 0 && attempt < 4) throw "lost";
  });
  await done;
  expect(recorded.toSorted((a, b) => a - b)).toEqual(chunks.map(({ from }) => from));
  expect(attempts.get(20)).toBe(4);
  expect(waits.some((wait) => wait !== null)).toBe(true);
  expect(waits.at(-1)).toBeNull();
});

test("stops at a failure that does not pass", async () => {
  const { done, recorded } = setUp(({ from }) => {
    if (from === 40) throw "refused";
  });
  await expect(done).rejects.toBe("refused");
  expect(recorded).not.toContain(40);
  expect(recorded.length).toBeLessThan(7);
});

test("stops when it is cancelled and records nothing afterwards", async () => {
  const abort = new AbortController();
  const { done, recorded } = setUp(({ from }) => {
    if (from === 30) abort.abort(new Error("cancelled"));
  }, abort.signal);
  await expect(done).rejects.toThrow("cancelled");
  expect(recorded).not.toContain(30);
});

test("waits twice as long each time, and as long as the server asks", () => {
  const delays = [1, 2, 3, 4, 5, 9].map((attempt) => retryDelay(attempt, { retryAfter: null }));
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
  expect(retryDelay(1, { retryAfter: 3 })).toBe(3000);
});
