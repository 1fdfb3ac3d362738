import { expect, test } from "vitest";
import { diabetes } from "@sepal/schema/contracts/diabetes";
import { cardOf } from "./fixtures/card.ts";
import { modelQuality } from "./model-quality.ts";

const card = cardOf(diabetes);
const measured = { method: "10-fold", r2: 0.4821, mae: 44.216, rmse: 54.7 };

test("a classifier is measured by its accuracy", () => {
  const accuracy = { method: "10-fold", mean: 0.9533, std: 0.031 };
  expect(modelQuality({ ...card, accuracy })).toEqual([
    { figure: "95.3 %", meaning: "± 3.1 accurate", method: "10-fold" },
  ]);
});

test("a regression is measured by the error of each target, in its unit", () => {
  const score = { name: "score", label: "Score", unit: "points" };
  const one = modelQuality({ ...card, targets: [score], metrics: { score: measured } });
  expect(one).toEqual([
    { figure: "44.22 points", meaning: "mean error, R² 0.48", method: "10-fold" },
  ]);
  const targets = [score, { name: "cost", label: "Cost", unit: "" }];
  const metrics = { score: measured, cost: { ...measured, mae: 0 } };
  expect(modelQuality({ ...card, targets, metrics }).map(({ meaning }) => meaning)).toEqual([
    "mean error of Score, R² 0.48",
    "mean error of Cost, R² 0.48",
  ]);
});

test("a model that was not measured has no figure", () => {
  expect(modelQuality(card)).toEqual([]);
  const targets = [{ name: "score", label: "Score", unit: "points" }];
  expect(modelQuality({ ...card, targets })).toEqual([]);
});
