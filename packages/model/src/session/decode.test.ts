import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeRow } from "./decode.ts";

function result(classes: number[], proba: number[]) {
  return { classes: BigInt64Array.from(classes, BigInt), proba: Float32Array.from(proba) };
}

describe("decodeRow", () => {
  const two = result([2, 0], [0.02, 0.02, 0.96, 0.7, 0.2, 0.1]);

  test("reads the row it is asked for, in shortest decimals", () => {
    expect(decodeRow(two, 0, 3)).toEqual({ class: 2, proba: [0.02, 0.02, 0.96], confidence: 0.96 });
    expect(decodeRow(two, 1, 3)).toEqual({ class: 0, proba: [0.7, 0.2, 0.1], confidence: 0.7 });
  });

  test.each([NaN, Infinity, -Infinity])("a probability of %d is a fault of the model", (value) => {
    expect(() => decodeRow(result([0], [0.5, value, 0.5]), 0, 3)).toThrow("answered no number");
  });

  test("a row that is not there is a fault of the model", () => {
    expect(() => decodeRow(two, 2, 3)).toThrow("answered no number");
  });

  test.each([-1, 3, 2 ** 40])("class %d is a fault of the model", (index) => {
    expect(() => decodeRow(result([index], [1, 0, 0]), 0, 3)).toThrow(`answered class ${index}`);
  });

  test("what it reads is the float32 that the model answered", () => {
    const probability = fc.float({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(probability, { minLength: 1, maxLength: 8 }), (proba) => {
        const answer = decodeRow(result([0], proba), 0, proba.length);
        expect(answer.proba.map(Math.fround)).toEqual(proba.map(Math.fround));
        expect(answer.confidence).toBe(Math.max(...answer.proba));
      }),
    );
  });
});
