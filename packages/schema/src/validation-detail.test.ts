import { describe, expect, test } from "vitest";
import * as z from "zod";
import * as fc from "fast-check";
import { iris } from "./contracts/iris.ts";
import { predictBatchRequest, predictRequest } from "./predict.ts";
import { preview, validationDetail } from "./validation-detail.ts";

describe("preview", () => {
  test.each([1, -0.5, true, null, "text", [1, [2, null]], { a: { b: ["c"] } }, [], {}, ""])(
    "shows %j as it is",
    (value) => {
      expect(preview(value)).toEqual(value);
    },
  );

  test.each([
    [Infinity, "Infinity"],
    [-Infinity, "-Infinity"],
    [
      [1, Infinity],
      [1, "Infinity"],
    ],
  ])("shows %s as JSON can", (value, shown) => {
    expect(preview(value)).toEqual(shown);
  });

  test("cuts a text at 200 characters and what is longer as JSON at 200 of its JSON", () => {
    expect(preview("x".repeat(201))).toBe("x".repeat(200));
    const list = Array.from({ length: 500 }, (_, index) => index);
    expect(preview(list)).toBe(JSON.stringify(list).slice(0, 200));
    const key = { ["k".repeat(300)]: "v".repeat(300) };
    expect(preview(key)).toBe(JSON.stringify(key).slice(0, 200));
  });

  test("shows a key named __proto__ as a key", () => {
    const value: unknown = JSON.parse('{"__proto__":{"a":1}}');
    expect(JSON.stringify(preview(value))).toBe('{"__proto__":{"a":1}}');
  });

  test("shows every JSON value, or the first 200 characters of its text", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        const value: unknown = JSON.parse(json);
        const text = JSON.stringify(value);
        const shown = preview(value);
        if (typeof value === "string") expect(shown).toBe(value.slice(0, 200));
        else if (text.length <= 200) expect(JSON.stringify(shown)).toBe(text);
        else expect(shown).toBe(text.slice(0, 200));
      }),
    );
  });

  test("reads no more of a huge body than it shows", () => {
    let reads = 0;
    const huge = new Proxy(
      Array.from({ length: 10_000 }, () => [1, 2, 3]),
      {
        get(target, key) {
          reads += 1;
          return Reflect.get(target, key);
        },
      },
    );
    expect(preview(huge)).toHaveLength(200);
    expect(reads).toBeLessThan(100);
  });
});

function detailOf(schema: z.ZodType, input: unknown) {
  const parsed = schema.safeParse(input);
  if (parsed.success) throw new Error("the input breaks no rule");
  return validationDetail(parsed.error.issues, input);
}

/** Each rule of the table, met by a schema of its own. */
const RULES: readonly [string, z.ZodType, unknown, string][] = [
  ["float_type", z.number(), "1", "Input should be a valid number"],
  ["int_type", z.int(), 1.5, "Input should be a valid integer"],
  ["string_type", z.string(), 1, "Input should be a valid string"],
  ["list_type", z.array(z.number()), 1, "Input should be a valid list"],
  ["bool_type", z.boolean(), 1, "Input should be a valid boolean"],
  ["model_attributes_type", z.object({}), 1, "Input should be a valid object"],
  ["missing", z.number(), undefined, "Field required"],
  ["finite_number", z.number(), Infinity, "Input should be a finite number"],
  ["greater_than", z.number().gt(3), 3, "Input should be greater than 3"],
  ["greater_than_equal", z.number().min(3), 2, "Input should be greater than or equal to 3"],
  ["less_than", z.number().lt(3), 3, "Input should be less than 3"],
  ["less_than_equal", z.number().max(3), 4, "Input should be less than or equal to 3"],
  ["string_too_short", z.string().min(2), "a", "String should have at least 2 characters"],
  ["string_too_long", z.string().max(2), "abc", "String should have at most 2 characters"],
  ["literal_error", z.enum(["a", "b"]), "c", "Input should be a or b"],
  ["missing", z.enum(["a", "b"]), undefined, "Field required"],
  ["list_type", z.tuple([z.number()]), {}, "Input should be a valid list"],
  ["value_error", z.string().regex(/^a/), "b", "Invalid string: must match pattern /^a/"],
];

describe("validationDetail", () => {
  test.each(RULES)("%s", (type, schema, input, msg) => {
    const { entries, total } = detailOf(z.object({ field: schema }), { field: input });
    expect(total).toBe(1);
    expect(entries[0]).toMatchObject({ type, loc: ["body", "field"], msg });
  });

  test("a body that is missing or no object is named as the body", () => {
    const request = predictRequest(iris);
    expect(detailOf(request, undefined).entries).toMatchObject([
      { type: "missing", loc: ["body"] },
    ]);
    expect(detailOf(request, [1]).entries).toEqual([
      {
        type: "model_attributes_type",
        loc: ["body"],
        msg: "Input should be a valid object",
        input: [1],
      },
    ]);
  });

  test("a missing field shows the object that lacks it", () => {
    expect(detailOf(predictRequest(iris), { model_name: "m" }).entries).toEqual([
      {
        type: "missing",
        loc: ["body", "features"],
        msg: "Field required",
        input: { model_name: "m" },
      },
    ]);
  });

  test("each unknown key is an entry", () => {
    const { entries, total } = detailOf(predictRequest(iris), {
      features: [1, 1, 1, 1],
      a: 1,
      b: null,
    });
    expect(total).toBe(2);
    expect(entries).toMatchObject([
      { type: "extra_forbidden", loc: ["body", "a"], input: 1 },
      { type: "extra_forbidden", loc: ["body", "b"], input: null },
    ]);
  });

  test("a text where a list is wanted breaks one rule, not two", () => {
    expect(detailOf(predictRequest(iris), { features: "abcdef" })).toMatchObject({
      entries: [{ type: "list_type" }],
      total: 1,
    });
  });

  test("two fields of one wrong type are two entries", () => {
    expect(detailOf(z.object({ a: z.number(), b: z.number() }), { a: "", b: "" })).toMatchObject({
      entries: [{ loc: ["body", "a"] }, { loc: ["body", "b"] }],
      total: 2,
    });
  });

  test("at most 100 entries, and the count of what was found", () => {
    const rows = Array.from({ length: 1000 }, () => [0, 0, 0, 0]);
    const { entries, total, cut } = detailOf(predictBatchRequest(iris), { rows });
    // Rows are checked by twenties.
    expect([entries.length, total, cut]).toEqual([100, 160, true]);
    const all = detailOf(predictBatchRequest(iris), { rows: rows.slice(0, 40) });
    expect([all.entries.length, all.total, all.cut]).toEqual([100, 160, false]);
    expect(entries[99]?.loc).toEqual(["body", "rows", 24, 3]);
    const keys = Object.fromEntries(rows.map((_, index) => [`key${index}`, index]));
    const extra = detailOf(predictRequest(iris), { ...keys, features: [1, 1, 1, 1] });
    expect([extra.entries.length, extra.total]).toEqual([100, 1000]);
  });

  test("the compiled schema gives the same list as the plain one", () => {
    const plain = predictRequest(iris);
    const compiled = z.compile(predictRequest(iris), { strict: true });
    const inputs = [
      undefined,
      {},
      { features: [0, "1", null, 1e39], extra: 1 },
      { features: [1], model_name: "" },
      { features: [Infinity, -1, 1e-46, true], model_version: 1 },
    ];
    for (const input of inputs) expect(detailOf(compiled, input)).toEqual(detailOf(plain, input));
  });
});
