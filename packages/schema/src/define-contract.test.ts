import { expect, test } from "vitest";
import { defineContract } from "./define-contract.ts";

const length = { type: "number", name: "length", label: "Length", unit: "cm" } as const;
const width = { ...length, name: "width", label: "Width" } as const;
const kind = {
  type: "category",
  name: "kind",
  label: "Kind",
  values: ["tree", "shrub"],
  nullable: true,
} as const;

const good = {
  name: "leaf",
  title: "Leaf",
  description: "Which tree a leaf is of.",
  task: "classification",
  features: [length, width],
  classes: ["oak", "beech"],
  examples: [{ name: "an oak", features: [9, 5] }],
} as const;

test("keeps the definition as it is", () => {
  expect(defineContract(good)).toMatchObject(good);
});

test("puts named values into the order the model takes", () => {
  expect(defineContract(good).toFeatures({ width: 5, length: 9 })).toEqual([9, 5]);
  const features = [length, kind] as const;
  const examples = [{ name: "an oak", features: [9, "tree"] }] as const;
  const typed = defineContract({ ...good, features, examples });
  expect(typed.toFeatures({ length: 9 })).toEqual([9, null]);
});
