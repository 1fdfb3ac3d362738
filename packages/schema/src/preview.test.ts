import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { preview } from "./preview.ts";

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
