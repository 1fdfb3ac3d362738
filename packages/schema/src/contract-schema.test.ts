import { describe, expect, test } from "vitest";
import { contractOfFile, contractProblem, fileOfContract } from "./contract-schema.ts";
import { contracts } from "./contracts/index.ts";
import type { Contract } from "./define-contract.ts";

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

/** The contract with other parts. */
function changed(change: object): Contract {
  return Object.assign({}, good, change);
}

describe("contractProblem", () => {
  test.each(Object.values(contracts))("has nothing against $name", (contract) => {
    expect(contractProblem(contract)).toBeUndefined();
  });

  test.each(["Leaf", "leaf-2", "", "2leaf", "leaf name", "blätter", "a".repeat(64), "constructor"])(
    "rejects the name %j",
    (name) => {
      expect(contractProblem(changed({ name }))).toMatch(/^name: /);
      const features = [{ ...length, name }, width];
      expect(contractProblem(changed({ features }))).toMatch(/^features\.0\.name: /);
    },
  );

  test.each<[string, object, string]>([
    [
      "a feature that is declared twice",
      { features: [length, length] },
      'feature "length" is declared twice',
    ],
    [
      "a class that is declared twice",
      { classes: ["oak", "beech", "oak"] },
      'class "oak" is declared twice',
    ],
    [
      "a value that is declared twice",
      { features: [length, { ...kind, values: ["tree", "tree"] }] },
      'value of kind "tree" is declared twice',
    ],
    [
      "an example of another length",
      { examples: [{ name: "half a leaf", features: [9] }] },
      'example "half a leaf": List should have at least 2 items',
    ],
    [
      "an example that breaks a rule",
      {
        features: [length, kind],
        examples: [{ name: "a fern", features: { length: 1, kind: "fern" } }],
      },
      'example "a fern": kind: Input should be tree or shrub',
    ],
    [
      "an object where rows are lists",
      { rows: "list", examples: [{ name: "x", features: {} }] },
      'example "x" is no list',
    ],
    [
      "labels for other values",
      { features: [length, { ...kind, labels: ["Tree"] }] },
      "feature kind: it has 1 labels for 2 values",
    ],
    [
      "an unknown that is no value",
      { features: [length, { ...kind, unknown: "fern" }] },
      'feature kind: "unknown" is "fern"',
    ],
    [
      "an unknown that is missing where none may be",
      { features: [length, { ...kind, nullable: false, unknown: "missing" }] },
      '"unknown": "missing" needs "nullable": true',
    ],
    [
      "bounds without a number between them",
      { features: [{ ...length, minimum: 2, maximum: 1 }, width] },
      "feature length: its maximum is below its minimum",
    ],
    [
      "an integer beyond float32",
      { features: [{ type: "integer", name: "n", label: "N", maximum: 2 ** 25 }, width] },
      "feature n: 33554432 is beyond 2^24",
    ],
    [
      "a target that hides a result",
      { task: "regression", classes: undefined, targets: [{ name: "error", label: "Error" }] },
      'target "error" has the name of another result',
    ],
    ["a control character", { title: "Le\u0007af" }, "title: should be free of control characters"],
    ["a right-to-left override", { description: "\u202Efael" }, "description: should be free of"],
    ["a key of its own", { domain: "positive" }, "domain: Extra inputs are not permitted"],
    [
      "1,001 features",
      { features: Array.from({ length: 1001 }, (_, i) => ({ ...length, name: `x${i}` })) },
      "features: List should have at most 1000 items",
    ],
    [
      "10,001 values",
      { features: [length, { ...kind, values: Array.from({ length: 10_001 }, (_, i) => `${i}`) }] },
      "it has 10003 classes, values and aliases; at most 10000 are allowed",
    ],
  ])("rejects %s", (_what, change, message) => {
    expect(contractProblem(changed(change))).toContain(message);
  });
});

test("a contract's file is read as it was written", () => {
  for (const contract of Object.values(contracts)) {
    const file = JSON.parse(JSON.stringify(fileOfContract(contract)));
    expect(fileOfContract(contractOfFile(file))).toEqual(file);
  }
});
