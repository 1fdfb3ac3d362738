import { contracts } from "@sepal/schema/contracts/index";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { SepalClient } from "./index.ts";
import { schemas } from "./schemas.ts";

describe("schemas", () => {
  test("are those of every contract, and take its examples", () => {
    expect(Object.keys(schemas)).toEqual(Object.keys(contracts));
    for (const contract of Object.values(contracts)) {
      const own = schemas[contract.name];
      for (const { features } of contract.examples) {
        expect(own.row.safeParse(features).error, contract.name).toBeUndefined();
        expect(own.predictRequest.safeParse({ features }).success).toBe(true);
        expect(own.predictBatchRequest.safeParse({ rows: [features] }).success).toBe(true);
      }
    }
  });

  test("are typed as the procedures are", () => {
    const { iris, penguins } = schemas;
    expectTypeOf(iris.predictRequest._zod.input).toEqualTypeOf<
      Parameters<SepalClient["iris"]["predict"]["mutate"]>[0]
    >();
    expectTypeOf(penguins.predictBatchRequest._zod.output).toEqualTypeOf<
      Parameters<SepalClient["penguins"]["predictBatch"]["mutate"]>[0]
    >();
  });

  test("reject what the server rejects, and name the feature", () => {
    const [first] = contracts.penguins.examples;
    const wrong = { ...first.features, island: "Atlantis", year: 2008.5, wings: 2 };
    const { issues = [] } = schemas.penguins.row.safeParse(wrong).error ?? {};
    expect(issues).toMatchObject([
      { code: "invalid_value", path: ["island"] },
      { code: "invalid_type", path: ["year"] },
      { code: "unrecognized_keys", path: [] },
    ]);
    expect(schemas.iris.row.safeParse({ sepal_length: 1 }).success).toBe(false);
    expect(
      schemas.penguins.row.safeParse(contracts.penguins.toFeatures(first.features)).success,
    ).toBe(true);
    expect(schemas.penguins.row.safeParse(["Dream"]).success).toBe(false);
  });

  test("take a row by name for contracts of lists too", () => {
    const flower = { sepal_length: 6, sepal_width: 2.7, petal_length: 5.1, petal_width: 1.6 };
    const named = schemas.iris.namedRow.parse(flower);
    expect(contracts.iris.toFeatures(named)).toEqual([6, 2.7, 5.1, 1.6]);
    expect(schemas.iris.namedRow.safeParse({ ...flower, petal_width: null }).success).toBe(false);
  });
});
