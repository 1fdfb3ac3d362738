import { expect, test } from "vitest";
import { verdictOn, type Target } from "./verdicts.ts";

const target: Target = {
  figure: "p99",
  must: 5,
  aim: 2,
  better: "lower",
  text: (value) => `${value} ms`,
};
const fine = { reason: "median of 3", distrust: null };
const at = (median: number) => ({ median, min: median - 1, max: median + 1 });

test("the median is compared with aim and must, limits included, in the better direction", () => {
  expect(verdictOn(target, at(2), fine).verdict).toBe("aim met");
  expect(verdictOn(target, at(5), fine).verdict).toBe("met");
  expect(verdictOn(target, at(5.1), fine).verdict).toBe("missed");
  const higher: Target = { ...target, better: "higher", must: 2, aim: 5 };
  expect(verdictOn(higher, at(4), fine)).toMatchObject({ verdict: "met", asked: ">= 2 ms" });
  expect(verdictOn(higher, at(1), fine).verdict).toBe("missed");
});

test("a figure that is missing or not to be trusted gets no verdict, whatever it says", () => {
  expect(verdictOn(target, null, fine)).toMatchObject({ verdict: "not measured", measured: "–" });
  const doubted = verdictOn(target, at(1), { ...fine, distrust: "the machine was busy" });
  expect(doubted).toMatchObject({
    verdict: "not measured",
    measured: "1 ms (0 ms to 2 ms)",
    reason: "the machine was busy",
  });
});
