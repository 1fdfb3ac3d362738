import { afterAll, expect, test, vi } from "vitest";
import { LeasedStore } from "./leased-store.ts";
import type { QuotaRequest } from "./quota.ts";
import { TokenBuckets } from "./token-buckets.ts";

// The clock stands still: on a slow machine a quota would refill and a lease expire meanwhile.
vi.useFakeTimers({ toFake: ["performance"] });
afterAll(() => vi.useRealTimers());

/** A count that is kept elsewhere: asked asynchronously, and each question counted. */
function remote() {
  const buckets = new TokenBuckets();
  const asked: QuotaRequest[] = [];
  return {
    asked,
    async take(request: QuotaRequest) {
      asked.push(request);
      await Promise.resolve();
      return buckets.take(request);
    },
  };
}

const request = (limit: number, need = 1): QuotaRequest => ({
  policy: { name: "calls", limit, windowMs: 3_600_000 },
  owner: "key:a",
  need,
  want: need,
});

test.each([5, 199, 200, 5000])("several processes spend exactly a quota of %i", async (limit) => {
  const elsewhere = remote();
  const processes = [new LeasedStore(elsewhere), new LeasedStore(elsewhere)];
  const grants = await Promise.all(
    Array.from({ length: limit * 2 }, async (_, index) =>
      processes[index % 2]?.take(request(limit)),
    ),
  );
  const granted = grants.filter((grant) => grant?.granted === 1).length;
  expect(granted).toBeLessThanOrEqual(limit);
  // What a process holds and does not spend is lost: at most a hundredth each.
  expect(granted).toBeGreaterThanOrEqual(limit - Math.floor(limit / 50));
  const refused = grants.find((grant) => grant?.granted === 0);
  expect(refused?.retryMs).toBeGreaterThan(0);
});

test("a busy caller asks once for many calls, a refused one not again before its time", async () => {
  const elsewhere = remote();
  const store = new LeasedStore(elsewhere);
  for (let call = 0; call < 5000; call += 1) await store.take(request(10_000));
  expect(elsewhere.asked.length).toBeLessThan(100);
  const small = new LeasedStore(elsewhere);
  for (let call = 0; call < 100; call += 1) await small.take({ ...request(3), owner: "key:b" });
  expect(elsewhere.asked.filter(({ owner }) => owner === "key:b")).toHaveLength(4);
});

test("a batch takes all its calls or none", async () => {
  const store = new LeasedStore(remote());
  expect(await store.take(request(5, 3))).toMatchObject({ granted: 3, remaining: 2 });
  expect(await store.take(request(5, 3))).toMatchObject({ granted: 0 });
  expect(await store.take(request(5, 2))).toMatchObject({ granted: 2, remaining: 0 });
});

test("calls given back reach the count, and end a refusal that is remembered", async () => {
  const elsewhere = remote();
  const [store, other] = [new LeasedStore(elsewhere), new LeasedStore(elsewhere)];
  for (let call = 0; call < 6; call += 1) await store.take(request(5));
  expect((await store.take(request(5))).granted).toBe(0);
  await store.take(request(5, -1));
  expect((await other.take({ ...request(5), want: 0 })).remaining).toBe(1);
  expect((await store.take(request(5))).granted).toBe(1);
  expect((await other.take({ ...request(5), want: 0 })).remaining).toBe(0);
});
