import { expect, test } from "vitest";
import { exampleOf, filledPath, type OpenApiDocument, typeText } from "./openapi.ts";

const document: OpenApiDocument = {
  paths: {},
  components: {
    schemas: {
      Row: {
        type: "array",
        items: { type: "number", exclusiveMinimum: 0 },
        minItems: 4,
        maxItems: 4,
      },
    },
  },
};

test("a schema in a few words follows references and names bounds and choices", () => {
  expect(typeText(document, { $ref: "#/components/schemas/Row" })).toBe(
    "array of number, > 0, 4 items",
  );
  expect(typeText(document, { anyOf: [{ type: "string" }, { type: "null" }] })).toBe(
    "string or null",
  );
  expect(typeText(document, { enum: ["a", "b", "c", "d", "e", "f", "g"] })).toBe(
    '"a" | "b" | "c" | "d" | "e" | "f" and 1 more',
  );
});

test("the first of several examples stands for all, and parameters are encoded into a path", () => {
  expect(exampleOf({ examples: { one: { value: 1 }, two: { value: 2 } } })).toBe(1);
  expect(filledPath("/models/{model_name}/ready", { model_name: "a/b" })).toBe(
    "/models/a%2Fb/ready",
  );
});
