import { afterEach, describe, expect, test, vi } from "vitest";
import { Backlog, BacklogShare, BatchLoad, MovingAverage } from "./backlog.ts";

function backlogOf(maxWaitMs: number) {
  const rejections: string[] = [];
  const observer = { rejected: (reason: string) => rejections.push(reason) };
  return { backlog: new Backlog({ maxWaitMs, observer }), rejections };
}

describe("Backlog", () => {
  test("is full past the longest wait, over all models, and says when it will be done", () => {
    const { backlog, rejections } = backlogOf(2500);
    const [fast, slow] = [new BacklogShare(backlog), new BacklogShare(backlog)];
    fast.learn(1, 90, 1);
    slow.learn(1, 4000, 1500);
    for (let row = 0; row < 100; row += 1) fast.join();
    slow.join();
    expect([backlog.waitMs, backlog.full]).toEqual([1600, false]);
    slow.join();
    expect([backlog.waitMs, backlog.full]).toEqual([3100, true]);
    expect(backlog.refuse()).toMatchObject({ status: 503, headers: { "retry-after": "4" } });
    expect(rejections).toEqual(["overloaded"]);
    slow.settle(0);
    fast.settle(0);
    expect([backlog.waitMs, backlog.full]).toEqual([0, false]);
    expect(backlog.refuse().headers).toEqual({ "retry-after": "1" });
  });

  test("refuses at once a row whose deadline is nearer than its turn, and only then", () => {
    const { backlog, rejections } = backlogOf(Infinity);
    const share = new BacklogShare(backlog);
    share.learn(1, 60_000, 60_000);
    expect(backlog.unmeetable(performance.now() + 100)).toBe(undefined);
    share.join();
    expect(backlog.unmeetable(performance.now() + 100)).toMatchObject({ status: 504 });
    expect(backlog.unmeetable(performance.now() + 120_000)).toBe(undefined);
    expect(backlog.unmeetable(undefined)).toBe(undefined);
    expect(rejections).toEqual(["deadline"]);
  });
});

test("a row costs what a share of its batch took, the newest batch a tenth", () => {
  const share = new BacklogShare(backlogOf(1).backlog);
  share.learn(10, 19, 1);
  expect(share.rowMs).toBe(2);
  share.learn(10, 119, 1);
  expect(share.rowMs).toBe(3);
  // Of few rows, the time before the run is waiting for anything at all.
  share.learn(1, 1000, 13);
  expect(share.rowMs).toBe(4);
});

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

afterEach(() => vi.useRealTimers());

test("what lies between batches of one turn is their reading, and of several is not", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { backlog, load } = loadOf(Infinity);
  load.take(10, {}).ran(10, 1);
  vi.advanceTimersByTime(5);
  load.take(10, {}).ran(10, 1);
  using _waiting = load.take(100, {});
  // A tenth of the newest: 0.1 ms before, 0.6 ms with its reading.
  expect(backlog.waitMs).toBeGreaterThan(14);
  expect(backlog.waitMs).toBeLessThan(30);
  vi.advanceTimersByTime(100);
  await new Promise((resolve) => setTimeout(resolve, 1));
  using _later = load.take(100, {});
  expect(backlog.waitMs).toBeLessThan(60);
});

test("the first sample counts whole and each later one a tenth", () => {
  const average = new MovingAverage();
  expect(average.value).toBe(0);
  average.add(10);
  expect(average.value).toBe(10);
  average.add(20);
  expect(average.value).toBe(11);
  average.add(1);
  expect(average.value).toBe(10);
});
