import { predictionReader } from "@sepal/schema/prediction-reader";
import { iris } from "@sepal/schema/contracts/iris";
import { outputShape, type Contract } from "@sepal/schema/define-contract";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BatchEncoder } from "./encode-batch.ts";

const FLOWERS: Contract = { ...iris, classes: ["setosa", 'with "quotes"', "grün"] };
const LABELS: Contract = { ...FLOWERS, probabilities: false };
const TARGETS: Contract = {
  ...iris,
  task: "regression",
  targets: ['with "quotes"', "width", "length"].map((name) => ({ name, label: name })),
};

describe("BatchEncoder", () => {
  test.each<[string, Contract]>([
    ["probabilities", FLOWERS],
    ["labels alone", LABELS],
    ["targets", TARGETS],
  ])("writes what the objects of a small batch stringify to, for any %s", (_what, contract) => {
    const encoder = new BatchEncoder(contract);
    const read = predictionReader(contract);
    const { hasClass, width } = outputShape(contract);
    const most = hasClass ? 1 : 2 ** 100;
    const row = fc.tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.array(fc.float({ min: hasClass ? 0 : -most, max: most, noNaN: true }), {
        minLength: width,
        maxLength: width,
      }),
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const result = {
          classes: BigInt64Array.from(hasClass ? rows.map(([index]) => BigInt(index)) : []),
          values: Float32Array.from(rows.flatMap(([, values]) => values)),
        };
        const expected = rows.map((_, index) => read(result, index));
        expect(`[${encoder.encode(result, rows.length)}]`).toBe(JSON.stringify(expected));
      }),
      { numRuns: 300 },
    );
  });

  test.each([Number.NaN, Infinity])("a probability of %f is a fault of the model", (value) => {
    const result = { classes: BigInt64Array.of(0n), values: Float32Array.of(value, 0, 0) };
    expect(() => new BatchEncoder(FLOWERS).encode(result, 1)).toThrow("returned no finite number");
  });

  test("a class that is none is a fault of the model", () => {
    const result = { classes: BigInt64Array.of(3n), values: Float32Array.of(1, 0, 0) };
    expect(() => new BatchEncoder(FLOWERS).encode(result, 1)).toThrow("unknown class");
  });
});
