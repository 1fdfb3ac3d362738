import { expect, test, vi } from "vitest";
import { sharedResult } from "./shared-result.ts";

test("computes once for all who ask within the time, failures too, and anew after it", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    let computed = 0;
    const ask = sharedResult(async () => {
      computed += 1;
      if (computed === 2) throw new Error("failed");
      return computed;
    }, 1000);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    vi.advanceTimersByTime(970);
    expect(await ask()).toBe(1);
    // One who asks once a second does not get the same result twice because a timer is early.
    vi.advanceTimersByTime(20);
    await expect(ask()).rejects.toThrow("failed");
    await expect(ask()).rejects.toThrow("failed");
    vi.advanceTimersByTime(1000);
    expect(await ask()).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});

test("shares nothing where the time is 0", async () => {
  let computed = 0;
  const ask = sharedResult(async () => (computed += 1), 0);
  expect(await Promise.all([ask(), ask()])).toEqual([1, 2]);
});
