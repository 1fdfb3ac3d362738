import { expect, test } from "vitest";
import { cardOf } from "./fixtures/card.ts";
import { ships } from "./fixtures/typed-contracts.ts";
import { featureFields } from "./feature-range.ts";
import { histogram, nearestRows, standing } from "./histogram.ts";

const [fare, age, , deck] = featureFields(ships, cardOf(ships, { fare: { min: 0, max: 10 } }));
if (fare === undefined || age === undefined || deck === undefined) throw new Error("no fields");
const groups = [0, 0, 1, 1];

test("numbers are counted in parts of their range by group, the row's own part marked", () => {
  const bins = histogram(fare, { values: [0, 1, 9, 10], groups, groupCount: 2 }, 9.9);
  expect(bins).toHaveLength(18);
  expect(bins[0]?.counts).toEqual([1, 0]);
  expect(bins.at(-1)).toEqual({ label: "9.444 to 10", counts: [0, 1], here: true });
  expect(bins.flatMap(({ counts }) => counts).reduce((a, b) => a + b)).toBe(4);
  const outside = histogram(fare, { values: [0, 1, 9, 10], groups, groupCount: 2 }, 11);
  expect(outside.some(({ here }) => here)).toBe(false);
});

test("whole numbers have a part each, missing values one of their own", () => {
  const bins = histogram(age, { values: [2, 3, null, 5], groups, groupCount: 2 }, null);
  expect(bins.map(({ counts }) => counts)).toEqual([
    [1, 0],
    [1, 0],
    [0, 0],
    [0, 1],
    [0, 1],
  ]);
  expect(bins.at(-1)?.here).toBe(true);
});

test("values of a category are counted in the contract's order under their labels", () => {
  const bins = histogram(deck, { values: ["C", "C", "A, upper", "C"], groups, groupCount: 2 }, "C");
  expect(bins.map(({ label, counts }) => [label, counts])).toEqual([
    ["Upper", [0, 1]],
    ["All", [0, 0]],
    ["Lower", [2, 1]],
  ]);
  expect(standing(deck, ["C", "C", "A, upper", "C"], "C")).toBe("Lower: 75 % of the rows");
});

test("a number is placed among the rows in words", () => {
  expect(standing(fare, [1, 2, 3, 4], 3)).toBe("3 EUR: above 50 % of the rows");
  expect(standing(fare, [1, 2, 3, 4], 9)).toBe("9 EUR: above every row");
  expect(standing(fare, [1, 2, 3, 4], 0.5)).toBe("0.5 EUR: below every row");
});

test("the nearest rows are those of the smallest distance by range", () => {
  const rows = [[9], [1], [4]];
  expect(nearestRows([fare], rows, [3], 2)).toEqual([2, 1]);
});
