import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { iris } from "./contracts/iris.ts";
import { defineContract } from "./define-contract.ts";
import { featureVector } from "./feature-schema.ts";
import { FLOAT32_INFINITY_BOUND, FLOAT32_ZERO_BOUND } from "./float32.ts";

const finite = defineContract({ ...iris, name: "anything", domain: "finite" });
const strict = featureVector(iris);
const unsigned = featureVector(defineContract({ ...iris, domain: "nonnegative" }));
const lenient = featureVector(iris, { lenient: true });
const signed = featureVector(finite);

function takes(schema: z.ZodType, first: unknown): boolean {
  return schema.safeParse([first, 1, 1, 1]).success;
}

/** Any double, with the neighbourhoods of the float32 bounds well covered. */
const double = fc.oneof(
  fc.double({ noNaN: true }),
  fc
    .tuple(
      fc.constantFrom(
        0,
        FLOAT32_ZERO_BOUND,
        2 ** -149,
        2 ** -126,
        FLOAT32_INFINITY_BOUND,
        2 ** 128,
      ),
      fc.integer({ min: -4, max: 4 }),
      fc.constantFrom(1, -1),
    )
    .map(([value, steps, sign]) => sign * value * (1 + steps * Number.EPSILON)),
);

describe("featureVector", () => {
  test("takes a number exactly when it is in the domain before and after rounding to float32", () => {
    fc.assert(
      fc.property(double, (value) => {
        const rounded = Math.fround(value);
        expect(takes(strict, value)).toBe(rounded > 0 && Number.isFinite(rounded));
        expect(takes(unsigned, value)).toBe(value >= 0 && Number.isFinite(rounded));
        expect(takes(signed, value)).toBe(Number.isFinite(rounded));
      }),
      { numRuns: 2000 },
    );
  });

  test("says the same compiled as plain", () => {
    const compiled = z.compile(featureVector(iris), { strict: true });
    const anything = fc.oneof(double, fc.anything());
    fc.assert(
      fc.property(fc.array(anything, { minLength: 3, maxLength: 5 }), (features) => {
        expect(compiled.safeParse(features).success).toBe(strict.safeParse(features).success);
      }),
    );
  });

  test("takes exactly as many numbers as the contract has features", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), (count) => {
        const features = Array.from({ length: count }, () => 1);
        expect(strict.safeParse(features).success).toBe(count === 4);
      }),
    );
  });

  test.each([["5.1"], [true], [null], [undefined], [[5.1]], [{}], [5n], [NaN], [new Date(5)]])(
    "refuses %s",
    (value) => {
      expect(takes(strict, value)).toBe(false);
      expect(takes(signed, value)).toBe(false);
    },
  );

  test("refuses a hole", () => {
    // oxlint-disable-next-line no-sparse-arrays -- the hole is the case
    expect(strict.safeParse([1, , 1, 1]).success).toBe(false);
  });
});

describe("a lenient featureVector", () => {
  test("reads every JSON number that is written as a string, blanks around it or not", () => {
    const blank = fc.constantFrom("", " ", "\t", "\n ");
    fc.assert(
      fc.property(fc.double({ noNaN: true }), blank, blank, (value, before, after) => {
        const text = JSON.stringify(value);
        const asText = lenient.safeParse([`${before}${text}${after}`, 1, 1, 1]);
        expect(asText.success).toBe(takes(strict, value));
        if (asText.success) expect(asText.data[0]).toBe(value);
      }),
    );
  });

  test("reads a string exactly when JSON reads its trimmed text as a number of the domain", () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."0123456789.eE+-_x ,".split("")), maxLength: 8 }),
      fc.string(),
    );
    const jsonNumber = (value: string): number => {
      try {
        const parsed: unknown = JSON.parse(value);
        return typeof parsed === "number" ? parsed : Number.NaN;
      } catch {
        return Number.NaN;
      }
    };
    fc.assert(
      fc.property(text, (value) => {
        expect(takes(lenient, value)).toBe(takes(strict, jsonNumber(value.trim())));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([[true], [null], [["5.1"]], [{}], [undefined]])("refuses %j as ever", (value) => {
    expect(takes(lenient, value)).toBe(false);
  });
});
