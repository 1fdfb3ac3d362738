import { expect, test } from "vitest";
import { iris } from "@sepal/schema/contracts/iris";
import { agreement, type ModelResult } from "./agreement.ts";
import type { PredictResult } from "./contract-client.ts";
import { fares } from "./fixtures/typed-contracts.ts";

const served = { model_used: "m", model_version: "1", processing_time_ms: 1 };
const classed = (model: string, label: string): ModelResult => ({
  model,
  result: { class: iris.classes.findIndex((each) => each === label), label, ...served },
});
const valued = (model: string, values: Record<string, number>): ModelResult => ({
  model,
  result: { values, ...served } satisfies PredictResult,
});

test("classes: all agree, or who predicts what, the most first", () => {
  expect(agreement(iris, [classed("a", "setosa"), classed("b", "setosa")])).toBe(
    "All 2 models predict setosa.",
  );
  expect(
    agreement(iris, [
      classed("a", "versicolor"),
      classed("b", "virginica"),
      classed("c", "virginica"),
    ]),
  ).toBe("2 of 3 models predict virginica; a predicts versicolor.");
});

test("two models that disagree are both named", () => {
  expect(agreement(iris, [classed("a", "setosa"), classed("b", "virginica")])).toBe(
    "a predicts setosa; b predicts virginica.",
  );
});

test("numbers: how far apart, by target", () => {
  const found = [valued("a", { price: 10, days: 2 }), valued("b", { price: 12.5, days: 2 })];
  expect(agreement(fares, found)).toMatch(
    /^The 2 models are 2\.5.* apart for .* and 0.* apart for /,
  );
});

test("one model has no agreement", () => {
  expect(agreement(iris, [classed("a", "setosa")])).toBe("");
});
