import { expect, test } from "vitest";
import { ratioWithinRounds } from "./ratios.ts";

test("a round that is slow for both sides does not move the ratio", () => {
  const fast = [100, 10, 120].map((value, index) => ({ round: index + 1, value }));
  const slow = [50, 5, 40].map((value, index) => ({ round: index + 1, value }));
  expect(ratioWithinRounds(fast, slow)).toEqual({ median: 2, min: 2, max: 3 });
});

test("rounds that lack a side do not count", () => {
  expect(ratioWithinRounds([{ round: 1, value: 3 }], [{ round: 2, value: 1 }])).toBeNull();
  const both = ratioWithinRounds(
    [
      { round: 1, value: 3 },
      { round: 2, value: 8 },
    ],
    [{ round: 2, value: 4 }],
  );
  expect(both).toEqual({ median: 2, min: 2, max: 2 });
});
