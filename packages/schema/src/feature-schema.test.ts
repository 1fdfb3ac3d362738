import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { iris } from "./contracts/iris.ts";
import type { Contract, NumberFeature } from "./define-contract.ts";
import { validationDetail } from "./validation-detail.ts";
import { featureList, rowSchemas } from "./feature-schema.ts";
import { FLOAT32_INFINITY_BOUND, FLOAT32_ZERO_BOUND } from "./float32.ts";

/** Iris with other bounds. */
function bounded(bounds: Partial<NumberFeature>): Contract {
  const features = iris.features.map(({ type, name, label }): NumberFeature =>
    Object.assign({ type, name, label }, bounds),
  );
  return { ...iris, features };
}

const strict = featureList(iris);
const unsigned = featureList(bounded({ minimum: 0 }));
const lenient = featureList(iris, { lenient: true });
const signed = featureList(bounded({}));

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

describe("featureList", () => {
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
    const compiled = z.compile(featureList(iris), { strict: true });
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

describe("a lenient featureList", () => {
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

describe("bounds", () => {
  test("above a number hold before and after rounding to float32", () => {
    const bound = fc.oneof(
      fc.constantFrom(0, 0.1, 0.7, -0.3, 5, 1e-45),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    );
    const steps = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(bound, steps, fc.boolean(), (above, step, fine) => {
        const unit = fine ? Number.EPSILON : 2 ** -24;
        const value = above + step * unit * (Math.abs(above) || 2 ** -149);
        const schema = featureList(bounded({ exclusive_minimum: above }));
        expect(schema.safeParse([value, value, value, value]).success).toBe(
          value > above && Math.fround(value) > above,
        );
      }),
      { numRuns: 3000 },
    );
  });

  test("name the declared number", () => {
    const schema = featureList(bounded({ exclusive_minimum: 0.7, maximum: 2.5 }));
    const issues = schema.safeParse([0.7, 3, 1, 1]).error?.issues ?? [];
    expect(validationDetail(issues, [0.7, 3, 1, 1]).entries.map(({ msg }) => msg)).toEqual([
      "Input should be greater than 0.7",
      "Input should be less than or equal to 2.5",
    ]);
  });
});

const MIXED: Contract = {
  ...iris,
  rows: undefined,
  features: [
    { type: "number", name: "fare", label: "Fare", minimum: 0, nullable: true },
    { type: "integer", name: "siblings", label: "Siblings" },
    { type: "boolean", name: "alone", label: "Alone" },
    { type: "category", name: "sex", label: "Sex", values: ["female", "male"], nullable: true },
    { type: "category", name: "port", label: "Port", values: ["S", "C"], unknown: "S" },
  ],
};

describe("a row of every kind", () => {
  const { list, object = list } = rowSchemas(MIXED);
  const names = MIXED.features.map(({ name }) => name);
  const good = [7.25, 1, true, "male", "S"];
  const named = (row: readonly unknown[]) =>
    Object.fromEntries(names.map((name, index) => [name, row[index]]));

  /** Names and types of the broken rules. */
  function faults(schema: z.ZodType, row: object): unknown[] {
    const issues = schema.safeParse(row).error?.issues ?? [];
    return validationDetail(issues, row).entries.map(({ loc, type }) => loc.slice(1).concat(type));
  }

  test("is a list or an object", () => {
    expect(list.safeParse(good).success).toBe(true);
    expect(object.safeParse(named(good)).success).toBe(true);
    expect(z.compile(list, { strict: true }).safeParse(good).success).toBe(true);
    expect(z.compile(object, { strict: true }).safeParse(named(good)).success).toBe(true);
  });

  test("may lack what is nullable, and nothing else", () => {
    expect(list.safeParse([null, 1, true, null, "S"]).success).toBe(true);
    expect(object.safeParse({ siblings: 1, alone: true, port: "S" }).success).toBe(true);
    expect(faults(object, {})).toEqual([
      ["siblings", "missing"],
      ["alone", "missing"],
      ["port", "missing"],
    ]);
    expect(faults(list, [1, null, null, null, null])).toEqual([
      [1, "int_type"],
      [2, "bool_type"],
      [4, "string_type"],
    ]);
  });

  test.each<[string, unknown, number, string]>([
    ["a text for a number", "7.25", 0, "float_type"],
    ["a number below its minimum", -1, 0, "greater_than_equal"],
    ["a fraction for an integer", 3.5, 1, "int_from_float"],
    ["a text for an integer", "3", 1, "int_type"],
    ["an integer beyond float32", 2 ** 24 + 2, 1, "less_than_equal"],
    ["1 for true", 1, 2, "bool_type"],
    ["a text that is no value", "unknown", 3, "literal_error"],
    ["a code for a category", 0, 3, "literal_error"],
    ["a number where any text is taken", 1, 4, "string_type"],
    ["a long text", "x".repeat(1001), 4, "string_too_long"],
  ])("%s is %j at %i: %s", (_what, value, index, type) => {
    const row = good.with(index, Object(value).valueOf());
    expect(faults(list, row)).toEqual([[index, type]]);
    expect(faults(object, named(row))).toEqual([[names[index], type]]);
  });

  test("takes a whole number written as a fraction, and a text that counts as another", () => {
    expect(list.safeParse(good.with(1, 3.0).with(4, "Q")).success).toBe(true);
  });

  test("has no other key, and no other length", () => {
    expect(faults(object, { ...named(good), fares: 1 })).toEqual([["fares", "extra_forbidden"]]);
    expect(faults(list, good.slice(1))).toContainEqual(["too_short"]);
    expect(faults(list, [...good, 1])).toEqual([["too_long"]]);
  });
});
