import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withHeartbeat } from "./with-heartbeat.ts";

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
