import { expect, test } from "vitest";
import { Backlog } from "./backlog.ts";
import { BatchLoad } from "./batch-load.ts";

function loadOf(maxWaitMs: number) {
  const backlog = new Backlog({ maxWaitMs });
  return { backlog, load: new BatchLoad(backlog) };
}

test("batches wait by their rows, at what rows have cost, until they have run", () => {
  const { backlog, load } = loadOf(90);
  {
    using first = load.take(100, {});
    expect(backlog.waitMs).toBe(0);
    first.ran(100, 50);
  }
  {
    using second = load.take(200, {});
    expect(backlog.waitMs).toBeGreaterThanOrEqual(100);
    expect(backlog.full).toBe(true);
    expect(() => load.take(1, {})).toThrow(expect.objectContaining({ status: 503 }));
    expect(() => load.take(1, { probe: true })[Symbol.dispose]()).not.toThrow();
    second.ran(100, 50);
    expect(backlog.full).toBe(false);
  }
  expect(backlog.waitMs).toBe(0);
});

test("a batch that is given up leaves nothing behind", () => {
  const { backlog, load } = loadOf(Infinity);
  load.take(10, {}).ran(10, 20);
  const given = load.take(1000, {});
  given.ran(10, 20);
  expect(backlog.waitMs).toBeGreaterThan(1000);
  given[Symbol.dispose]();
  expect(backlog.waitMs).toBe(0);
});

test("what lies between batches of one turn is their reading, and of several is not", async () => {
  const { backlog, load } = loadOf(Infinity);
  load.take(10, {}).ran(10, 1);
  const end = performance.now() + 5;
  while (performance.now() < end);
  load.take(10, {}).ran(10, 1);
  using _waiting = load.take(100, {});
  // A tenth of the newest: 0.1 ms before, 0.6 ms with its reading.
  expect(backlog.waitMs).toBeGreaterThan(14);
  expect(backlog.waitMs).toBeLessThan(30);
  await new Promise((resolve) => setTimeout(resolve, 100));
  using _later = load.take(100, {});
  expect(backlog.waitMs).toBeLessThan(60);
});
