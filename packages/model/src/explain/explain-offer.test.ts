import { expect, test } from "vitest";
import { realVersion } from "../../test/real-models.ts";
import { explainRefusal } from "./explain-offer.ts";

/** The manifest of a real model, as if it had other features and training rows. */
async function manifestOf(features: number, rows: number) {
  const { manifest } = await realVersion("iris-forest");
  const [feature] = manifest.features;
  if (feature === undefined) throw new Error("no feature");
  return {
    ...manifest,
    features: Array.from({ length: features }, () => feature),
    training: { ...manifest.training, rows },
  };
}

test.each([
  [4, 150],
  [10, 195],
  // At most 500 rows are background, however many there are.
  [8, 1_000_000],
])("%i features and %i training rows are explained", async (features, rows) => {
  expect(explainRefusal(await manifestOf(features, rows))).toBeNull();
});

test.each([
  [10, 196, "196 training rows: 200704 rows"],
  [13, 178, "13 features against 178 training rows: 1458176 rows, more than 200000"],
  [9, 1_000_000, "500 training rows: 256000 rows"],
  [60, 10, "60 features against 10 training rows"],
])("%i features and %i training rows are not, with the reason", async (features, rows, reason) => {
  expect(explainRefusal(await manifestOf(features, rows))).toContain(reason);
});
