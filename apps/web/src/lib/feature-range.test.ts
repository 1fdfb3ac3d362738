import { expect, test } from "vitest";
import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import { iris } from "@sepal/schema/contracts/iris";
import { cardOf } from "./fixtures/card.ts";
import { ships } from "./fixtures/typed-contracts.ts";
import {
  featureFields,
  featureProblem,
  isNumeric,
  numberFields,
  shownValue,
  optionsOf,
} from "./feature-range.ts";

function slider(feature: FeatureSpec, range?: { min: number; max: number }) {
  const examples: Contract["examples"] = [{ name: "a", features: [3] }];
  const contract: Contract = { ...ships, features: [feature], examples };
  const card = cardOf(contract, range && { [feature.name]: range });
  const [found] = numberFields(featureFields(contract, card));
  return [found?.field.min, found?.field.max, found?.field.step];
}

test("sliders span the training range and a quarter more, within the bounds", () => {
  const base = { type: "number", name: "a", label: "A" } as const;
  expect(slider(base, { min: 2, max: 6 })).toEqual([1, 7, 0.1]);
  expect(slider({ ...base, exclusive_minimum: 0 }, { min: 0.1, max: 2.5 })).toEqual([
    0.1, 3.1, 0.1,
  ]);
  expect(slider({ ...base, minimum: 0, maximum: 100 }, { min: 5, max: 95 })).toEqual([0, 100, 1]);
  expect(slider(base, { min: -30, max: -10 })).toEqual([-35, -5, 1]);
});

test("sliders of integers go by whole steps", () => {
  const base = { type: "integer", name: "a", label: "A" } as const;
  expect(slider({ ...base, minimum: 1, maximum: 3 }, { min: 1, max: 3 })).toEqual([1, 3, 1]);
  expect(slider(base, { min: 4, max: 4 })).toEqual([4, 5, 1]);
});

test("sliders without a training range span the bounds, or what is near the example", () => {
  const base = { type: "number", name: "a", label: "A" } as const;
  expect(slider({ ...base, minimum: 0, maximum: 10 })).toEqual([0, 10, 0.1]);
  expect(slider(base)).toEqual([0.4, 7.1, 0.1]);
});

test("a choice offers its values under their labels", () => {
  const fields = featureFields(ships, cardOf(ships));
  expect(fields.map((field) => (field.kind === "number" ? field.unit : optionsOf(field)))).toEqual([
    "EUR",
    "",
    [
      { value: false, text: "No" },
      { value: true, text: "Yes" },
    ],
    [
      { value: "A, upper", text: "Upper" },
      { value: "100 %", text: "All" },
      { value: "C", text: "Lower" },
    ],
  ]);
  const shown = fields.map((field, index) => shownValue(field, [7, null, true, "C"][index]));
  expect(shown).toEqual(["7 EUR", "missing", "Yes", "Lower"]);
});

test.each([
  ["age", 4, null],
  ["age", 4.5, "Enter a whole number."],
  ["age", -1, "Enter a number of 0 or more."],
  ["age", 121, "Enter a number of at most 120."],
  ["fare", Number.NaN, "Enter a number."],
  ["fare", 4e38, "Too large: enter a finite number."],
  ["sepal_width", 0, "Enter a number above 0."],
  ["sepal_width", 2 ** -151, "Enter a number above 0."],
])("says what is wrong with %s %d", (name, value, problem) => {
  const features: readonly FeatureSpec[] = [...ships.features, ...iris.features];
  const feature = features.find((each) => each.name === name);
  if (feature === undefined || !isNumeric(feature)) throw new Error("no number");
  expect(featureProblem(feature, value)).toBe(problem);
});
