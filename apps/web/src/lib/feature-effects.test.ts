import { expect, test } from "vitest";
import { iris } from "@sepal/schema/contracts/iris";
import { byEffect, effectProbe, featureEffects } from "./feature-effects.ts";
import { featureFields } from "./feature-range.ts";
import { cardOf } from "./fixtures/card.ts";

const fields = featureFields(iris, cardOf(iris, { petal_length: { min: 1, max: 7 } }));
const bases = [
  [5, 3, 1, 0.2],
  [6, 3, 5, 2],
];

test("the effect of a feature is the furthest that it moves any output around any of the rows", () => {
  const probe = effectProbe(fields, bases);
  expect(probe.rows).toHaveLength(2 * (1 + 4 * 2));
  expect(probe.rows).toContainEqual([6, 3, 7, 2]);
  const outputs = probe.rows.map(([, , petal = 0]) => [Number(petal) / 10, 0.5]);
  const effects = featureEffects(probe, outputs, 4);
  expect(effects).toEqual([0, 0, expect.closeTo(0.6), 0]);
  expect(byEffect(effects, 4)).toEqual([2, 0, 1, 3]);
});

test("wide tables are probed around fewer rows, or not at all", () => {
  const wide = Array.from({ length: 300 }, () => fields)
    .flat()
    .slice(0, 1000);
  expect(effectProbe(wide, [wide.map(() => 1)]).rows).toEqual([]);
  const half = wide.slice(0, 400);
  expect(
    effectProbe(
      half,
      Array.from({ length: 4 }, () => half.map(() => 1)),
    ).rows,
  ).toHaveLength(801);
  expect(byEffect(undefined, 3)).toEqual([0, 1, 2]);
});
