import * as fc from "fast-check";
import { expect, test } from "vitest";
import { shapleyValues } from "./coalitions.ts";

/** Every order of the numbers below `count`. */
function orders(count: number): number[][] {
  if (count === 0) return [[]];
  return orders(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, place) => order.toSpliced(place, 0, count - 1)),
  );
}

/** What a feature adds when it joins, averaged over every order of joining: the definition. */
function byOrders(values: Float64Array, features: number): number[] {
  const added = Array.from({ length: features }, () => 0);
  const all = orders(features);
  for (const order of all) {
    let mask = 0;
    for (const feature of order) {
      const joined = mask | (1 << feature);
      const difference = (values[joined] ?? NaN) - (values[mask] ?? NaN);
      added[feature] = (added[feature] ?? NaN) + difference / all.length;
      mask = joined;
    }
  }
  return added;
}

const games = fc.integer({ min: 1, max: 6 }).chain((features) => {
  const value = fc.double({ min: 0, max: 1, noNaN: true });
  const values = fc.array(value, { minLength: 2 ** features, maxLength: 2 ** features });
  return fc.record({ features: fc.constant(features), values });
});

test("a feature's value is what it adds, averaged over every order of joining", () => {
  fc.assert(
    fc.property(games, ({ features, values }) => {
      const game = Float64Array.from(values);
      const { base, contributions } = shapleyValues(game, features, 1);
      const expected = byOrders(game, features);
      contributions.forEach(([added = NaN], feature) =>
        expect(added).toBeCloseTo(expected[feature] ?? NaN, 10),
      );
      const sum = contributions.flat().reduce((total, added) => total + added, base[0] ?? NaN);
      expect(sum).toBeCloseTo(values.at(-1) ?? NaN, 10);
    }),
    { numRuns: 200 },
  );
});

test("each class is a game of its own", () => {
  const values = Float64Array.of(0.2, 0.8, 0.5, 0.5, 0.3, 0.7, 0.9, 0.1);
  const { base, contributions } = shapleyValues(values, 2, 2);
  expect(base).toEqual([0.2, 0.8]);
  [0.45, 0.25].forEach((added, feature) => {
    expect(contributions[feature]?.[0]).toBeCloseTo(added, 12);
    expect(contributions[feature]?.[1]).toBeCloseTo(-added, 12);
  });
});
