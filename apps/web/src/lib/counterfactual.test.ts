import { expect, test } from "vitest";
import { iris } from "@sepal/schema/contracts/iris";
import type { ClassPrediction } from "./contract-client.ts";
import { findCounterfactuals } from "./counterfactual.ts";
import { featureFields } from "./feature-range.ts";
import { cardOf } from "./fixtures/card.ts";
import type { Row } from "./row.ts";

const range = { min: 0, max: 10 };
const fields = featureFields(
  iris,
  cardOf(iris, {
    sepal_length: range,
    sepal_width: range,
    petal_length: range,
    petal_width: range,
  }),
);

type Rule = (row: readonly number[]) => boolean;

/** A model that predicts virginica where a rule holds, else setosa; counts the rows it is asked. */
function search(rule: Rule, features: Row, wanted: number | null = null) {
  const asked: Row[] = [];
  const predictOne = (row: Row): ClassPrediction =>
    rule(row.map(Number)) ? { class: 2, label: "virginica" } : { class: 0, label: "setosa" };
  const predict = async (rows: readonly Row[]) => {
    asked.push(...rows);
    return rows.map(predictOne);
  };
  const prediction = predictOne(features);
  const order = [0, 1, 2, 3];
  return {
    asked,
    found: findCounterfactuals({ fields, features, prediction, wanted, order, predict }),
  };
}

test("the nearest value of each feature that flips the class, nearest feature first", async () => {
  const { found } = search(([a = 0, b = 0]) => a > 6.25 || b < 0.5, [5, 3, 1, 1]);
  const { single, pair } = await found;
  expect(single.map(({ places }) => places)).toEqual([[0], [1]]);
  expect(single[0]?.row[0]).toBeGreaterThan(6.25);
  expect(single[0]?.row[0]).toBeLessThanOrEqual(6.4);
  expect(single[0]?.row.slice(1)).toEqual([3, 1, 1]);
  expect(pair).toBeNull();
});

test("two features together where that is nearer, and where one alone does not flip", async () => {
  const together = await search(([a = 0, b = 0]) => a + b > 8, [3, 3, 1, 1]).found;
  expect(together.single).toHaveLength(2);
  expect(together.pair?.places).toEqual([0, 1]);
  expect(together.pair?.distance).toBeLessThan(together.single[0]?.distance ?? 0);
  const both = await search(([a = 0, b = 0]) => a > 6 && b > 6, [1, 1, 1, 1]).found;
  expect(both.single).toEqual([]);
  expect(both.pair?.row.slice(0, 2).every((value) => Number(value) > 6)).toBe(true);
});

test("only the wanted class counts, and nothing leaves the range of the training data", async () => {
  const { found, asked } = search(([a = 0]) => a > 6, [1, 1, 1, 1], 1);
  expect(await found).toEqual({ single: [], pair: null });
  expect(asked.flat().every((value) => Number(value) >= 0 && Number(value) <= 10)).toBe(true);
});
