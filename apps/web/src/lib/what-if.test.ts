import { expect, test } from "vitest";
import { iris } from "@sepal/schema/contracts/iris";
import { cardOf } from "./fixtures/card.ts";
import { ships } from "./fixtures/typed-contracts.ts";
import { featureFields } from "./feature-range.ts";
import { variations } from "./what-if.ts";

test("tries numbers along their range, every value of a choice, and missing", () => {
  const fields = featureFields(ships, cardOf(ships, { age: { min: 2, max: 6 } }));
  const [fare, age, alone, deck] = variations(fields, [0, 1, 2, 3]).map(({ values }) => values);
  expect(fare).toHaveLength(41);
  expect(age).toEqual([1, 2, 3, 4, 5, 6, 7, null]);
  expect(alone).toEqual([false, true]);
  expect(deck).toEqual(["A, upper", "100 %", "C", null]);
});

test("tries the features in the given order, of wide tables as many as a request takes", () => {
  const fields = featureFields(iris, cardOf(iris));
  expect(variations(fields, [2, 0]).map(({ place }) => place)).toEqual([2, 0]);
  const wide = Array.from({ length: 250 }, () => fields).flat();
  const found = variations(
    wide,
    wide.map((_, place) => place),
  );
  const cells = found.reduce((sum, { values }) => sum + values.length, 0) * wide.length;
  expect(found.length).toBeGreaterThan(5);
  expect(cells).toBeLessThanOrEqual(500_000);
});
