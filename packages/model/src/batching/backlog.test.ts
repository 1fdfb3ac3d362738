import { describe, expect, test } from "vitest";
import { Backlog } from "./backlog.ts";
import { BacklogShare } from "./backlog-share.ts";

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
