import { expect, test, afterEach, beforeEach, vi } from "vitest";
import { acceptsEvents, withHeartbeat } from "./batch-events.ts";

test.each([
  ["text/event-stream", true],
  ["Text/Event-Stream", true],
  ["text/event-stream, */*", true],
  ["text/event-stream, */*;q=0.1", true],
  ["text/*", true],
  ["application/json;q=0.5, text/event-stream;q=0.9", true],
  ["application/json; q=0.5 , text/event-stream ; q=0.9", true],
  ["text/event-stream;q=0.2, */*;q=0.1", true],
  ["application/problem+json, text/event-stream", true],
  [undefined, false],
  ["", false],
  ["*/*", false],
  ["application/json", false],
  ["text/html, */*", false],
  ["application/json, text/event-stream", false],
  ["text/event-stream, application/json", false],
  ["text/event-stream;q=0", false],
  ["text/event-stream;q=0, */*", false],
  ["text/event-stream;q=0.1, */*;q=0.2", false],
  ["text/*;q=0.5, application/json", false],
  ["text/event-stream;q=often", false],
])("%s asks for events: %s", (accept, expected) => {
  expect(acceptsEvents(accept)).toBe(expected);
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("beats while the next item is late, and passes every item on once", async () => {
  const items = [1, 2].map(() => Promise.withResolvers<string>());
  async function* late() {
    for (const { promise } of items) yield await promise;
  }
  const seen: string[] = [];
  const reading = (async () => {
    for await (const item of withHeartbeat(late(), "beat", 15_000)) seen.push(item);
  })();
  await vi.advanceTimersByTimeAsync(14_999);
  expect(seen).toEqual([]);
  await vi.advanceTimersByTimeAsync(15_001);
  expect(seen).toEqual(["beat", "beat"]);
  items[0]?.resolve("first");
  await vi.advanceTimersByTimeAsync(14_999);
  expect(seen).toEqual(["beat", "beat", "first"]);
  await vi.advanceTimersByTimeAsync(1);
  items[1]?.resolve("second");
  await reading;
  expect(seen).toEqual(["beat", "beat", "first", "beat", "second"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("keeps no timer while nobody asks", async () => {
  async function* quick() {
    yield "one";
    yield "two";
  }
  const beating = withHeartbeat(quick(), "beat", 15_000);
  expect(await beating.next()).toEqual({ value: "one", done: false });
  expect(vi.getTimerCount()).toBe(0);
});
