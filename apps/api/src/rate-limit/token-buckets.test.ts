import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { QuotaPolicy } from "../settings/quota-settings.ts";
import { TokenBuckets } from "./token-buckets.ts";

function bucketsAt(start = 0) {
  let now = start;
  const buckets = new TokenBuckets(() => now);
  return { buckets, wait: (milliseconds: number) => (now += milliseconds) };
}

const FIVE_A_MINUTE: QuotaPolicy = { name: "calls", limit: 5, windowMs: 60_000 };
const one = { policy: FIVE_A_MINUTE, owner: "a", need: 1, want: 1 };

test("as many as the limit at once, then one in each part of the window", () => {
  const { buckets, wait } = bucketsAt(12_345.678);
  for (let left = 4; left >= 0; left -= 1) {
    expect(buckets.take(one)).toMatchObject({ granted: 1, remaining: left, retryMs: 0 });
  }
  expect(buckets.take(one)).toMatchObject({ granted: 0, remaining: 0, retryMs: 12_000 });
  wait(11_999);
  expect(buckets.take(one)).toMatchObject({ granted: 0, retryMs: 1 });
  wait(1);
  expect(buckets.take(one)).toMatchObject({ granted: 1, remaining: 0, resetMs: 60_000 });
  expect(buckets.take(one).granted).toBe(0);
  wait(60_000);
  expect(buckets.take({ ...one, want: 9 })).toMatchObject({ granted: 5, remaining: 0 });
});

test("all that are needed or none, and owners apart", () => {
  const { buckets } = bucketsAt();
  expect(buckets.take({ ...one, need: 4, want: 4 }).granted).toBe(4);
  expect(buckets.take({ ...one, need: 2, want: 2 })).toMatchObject({ granted: 0, remaining: 1 });
  expect(buckets.take({ ...one, need: 6, want: 6 }).granted).toBe(0);
  expect(buckets.take(one).granted).toBe(1);
  expect(buckets.take({ ...one, owner: "b" }).remaining).toBe(4);
  expect(buckets.take({ ...one, policy: { ...FIVE_A_MINUTE, name: "login" } }).remaining).toBe(4);
});

test("asking what is left spends nothing, and calls given back can be made again", () => {
  const { buckets, wait } = bucketsAt();
  const left = { ...one, want: 0 };
  const back = { ...one, need: -1, want: -1 };
  expect(buckets.take(left)).toMatchObject({ granted: 0, remaining: 5, retryMs: 0 });
  for (let call = 0; call < 5; call += 1) buckets.take(one);
  expect(buckets.take(left)).toMatchObject({ granted: 0, remaining: 0, retryMs: 12_000 });
  buckets.take(back);
  expect(buckets.take(left)).toMatchObject({ remaining: 1, retryMs: 0 });
  wait(60_000);
  // Never more than the limit, however much is given back.
  for (let call = 0; call < 3; call += 1) buckets.take(back);
  expect(buckets.take(left).remaining).toBe(5);
});

test("never more than the limit and what refilled, whatever is asked when", () => {
  const asks = fc.array(
    fc.tuple(fc.double({ min: 0, max: 500, noNaN: true }), fc.integer({ min: 1, max: 8 })),
  );
  fc.assert(
    fc.property(asks, fc.integer({ min: 1, max: 1000 }), (steps, limit) => {
      const { buckets, wait } = bucketsAt(1e6);
      const policy = { name: "calls", limit, windowMs: 1000 };
      let granted = 0;
      let elapsed = 0;
      for (const [pause, need] of steps) {
        wait(pause);
        elapsed += pause;
        granted += buckets.take({ policy, owner: "a", need, want: need }).granted;
        expect(granted).toBeLessThanOrEqual(limit + (elapsed * limit) / 1000 + 1e-3);
      }
    }),
  );
});
