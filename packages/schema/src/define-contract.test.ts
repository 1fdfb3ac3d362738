import { describe, expect, test } from "vitest";
import { defineContract } from "./define-contract.ts";

const length = { name: "length", label: "Length", unit: "cm" };
const width = { name: "width", label: "Width", unit: "cm" };

const good = {
  name: "leaf",
  title: "Leaf",
  description: "Which tree a leaf is of.",
  task: "classification",
  features: [length, width],
  classes: ["oak", "beech"],
  domain: "positive",
  examples: [{ name: "an oak", features: [9, 5] }],
} as const;

describe("defineContract", () => {
  test("keeps the definition as it is", () => {
    expect(defineContract(good)).toMatchObject(good);
  });

  test("puts named values into the order the model takes", () => {
    expect(defineContract(good).toFeatures({ width: 5, length: 9 })).toEqual([9, 5]);
  });

  test.each(["Leaf", "leaf-2", "", "2leaf", "leaf name", "blätter"])(
    "refuses the name %j",
    (name) => {
      expect(() => defineContract({ ...good, name })).toThrow(`"${name}" is not snake_case`);
      const features = [{ ...length, name }, width];
      expect(() => defineContract({ ...good, features })).toThrow(`"${name}" is not snake_case`);
    },
  );

  test("refuses a feature or class that is declared twice", () => {
    expect(() => defineContract({ ...good, features: [length, length] })).toThrow(
      'contract leaf: feature "length" is declared twice',
    );
    expect(() => defineContract({ ...good, classes: ["oak", "beech", "oak"] })).toThrow(
      'contract leaf: class "oak" is declared twice',
    );
  });

  test("refuses an example of another length", () => {
    const examples = [{ name: "half a leaf", features: [9] }] as const;
    expect(() => defineContract({ ...good, examples })).toThrow(
      'example "half a leaf" has 1 of 2 features',
    );
  });
});
