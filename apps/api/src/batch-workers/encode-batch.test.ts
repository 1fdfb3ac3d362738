import { decodeRow } from "@sepal/model/session/decode";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RowEncoder } from "./encode-batch.ts";

const LABELS = ["setosa", 'with "quotes"', "grün"];

describe("RowEncoder", () => {
  test("writes what the objects of a small batch stringify to, for any probabilities", () => {
    const encoder = new RowEncoder(LABELS);
    const row = fc.tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const result = {
          classes: BigInt64Array.from(rows.map(([index]) => BigInt(index))),
          proba: Float32Array.from(rows.flatMap(([, proba]) => proba)),
        };
        const expected = rows.map((_, index) => {
          const { class: predicted, proba, confidence } = decodeRow(result, index, 3);
          return { class: predicted, label: LABELS[predicted], proba, confidence };
        });
        expect(`[${encoder.encode(result, rows.length)}]`).toBe(JSON.stringify(expected));
      }),
      { numRuns: 300 },
    );
  });

  test.each([Number.NaN, Infinity])("a probability of %f is a fault of the model", (value) => {
    const result = { classes: BigInt64Array.of(0n), proba: Float32Array.of(value, 0, 0) };
    expect(() => new RowEncoder(LABELS).encode(result, 1)).toThrow("no number");
  });

  test("a class that is none is a fault of the model", () => {
    const result = { classes: BigInt64Array.of(3n), proba: Float32Array.of(1, 0, 0) };
    expect(() => new RowEncoder(LABELS).encode(result, 1)).toThrow("unknown class");
  });
});
