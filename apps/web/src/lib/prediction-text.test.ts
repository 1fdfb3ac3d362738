import { expect, test } from "vitest";
import { fares, ships } from "./fixtures/typed-contracts.ts";
import { confidenceText, headline, predictedNumber } from "./prediction-text.ts";

test.each([
  [0, "0"],
  [152.13348, "152.1"],
  [-1234.5, "-1,235"],
  [0.012345, "0.01235"],
  [0.00001234, "1.23e-5"],
  [1e21, "1,000,000,000,000,000,000,000"],
])("writes %d as %s", (value, text) => {
  expect(predictedNumber(value)).toBe(text);
});

test("a class stands alone without probabilities, targets with their names and units", () => {
  const lost = { class: 0, label: "lost" };
  expect([headline(ships, lost), confidenceText(lost)]).toEqual(["lost", null]);
  const values = { price: 12.5, days: 3 };
  expect(headline(fares, { values })).toBe("Price 12.5 EUR, Days 3");
  const alone = { ...fares, targets: [fares.targets[0]] };
  expect(headline(alone, { values })).toBe("12.5 EUR");
});
