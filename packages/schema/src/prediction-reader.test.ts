import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainContract, probaOf } from "../test/plain-contract.ts";
import { predictionReader } from "./prediction-reader.ts";

function result(classes: number[], proba: number[]) {
  return { classes: BigInt64Array.from(classes, BigInt), values: Float32Array.from(proba) };
}

/** Reads a row of a classification with this many classes. */
function read(from: ReturnType<typeof result>, row: number, classes: number) {
  return predictionReader(plainContract(1, classes))(from, row);
}

describe("a prediction", () => {
  const two = result([2, 0], [0.02, 0.02, 0.96, 0.7, 0.2, 0.1]);

  test("reads the row it is asked for, in shortest decimals", () => {
    expect(read(two, 0, 3)).toEqual({
      class: 2,
      label: "class 2",
      proba: [0.02, 0.02, 0.96],
      confidence: 0.96,
    });
    expect(read(two, 1, 3)).toEqual({
      class: 0,
      label: "class 0",
      proba: [0.7, 0.2, 0.1],
      confidence: 0.7,
    });
  });

  test.each([NaN, Infinity, -Infinity])("a probability of %d is a fault of the model", (value) => {
    expect(() => read(result([0], [0.5, value, 0.5]), 0, 3)).toThrow("returned no finite number");
  });

  test("a row that is not there is a fault of the model", () => {
    expect(() => read(two, 2, 3)).toThrow("returned no finite number");
  });

  test.each([-1, 3, 2 ** 40])("class %d is a fault of the model", (index) => {
    expect(() => read(result([index], [1, 0, 0]), 0, 3)).toThrow(`predicted class ${index}`);
  });

  test("reads the float32 that the model returned", () => {
    const probability = fc.float({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(probability, { minLength: 1, maxLength: 8 }), (proba) => {
        const prediction = read(result([0], proba), 0, proba.length);
        expect(probaOf(prediction).map(Math.fround)).toEqual(proba.map(Math.fround));
        expect(prediction).toMatchObject({ confidence: Math.max(...probaOf(prediction)) });
      }),
    );
  });

  test("of labels alone is a class and its label", () => {
    const labels = { ...plainContract(1, 3), probabilities: false };
    expect(predictionReader(labels)(result([1], []), 0)).toEqual({ class: 1, label: "class 1" });
  });

  test("of a regression has a value by the name of each target", () => {
    const regression = {
      ...plainContract(1, 2),
      task: "regression" as const,
      targets: ["low", "high"].map((name) => ({ name, label: name })),
    };
    const read = predictionReader(regression);
    expect(read(result([], [1, 2, 0.1, -4]), 1)).toEqual({ values: { low: 0.1, high: -4 } });
    expect(() => read(result([], [1, NaN]), 0)).toThrow("returned no finite number");
  });
});
