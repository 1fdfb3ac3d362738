import { expect, test } from "vitest";
import { difference } from "./golden-rows.ts";

const expected = [{ class: 1, proba: [0, 0.66, 0.34] }];

test("float32 rounding is no difference", () => {
  expect(difference(expected, [{ class: 1, proba: [0, 0.6600000262, 0.3400000035] }])).toBeNull();
});

test("a wrong class, a wrong probability, no number and a missing row are", () => {
  expect(difference(expected, [{ class: 2, proba: [0, 0.66, 0.34] }])).toMatch("class 2, not 1");
  expect(difference(expected, [{ class: 1, proba: [0, 0.6601, 0.34] }])).toMatch("0.6601");
  expect(difference(expected, [{ class: 1, proba: [0, NaN, 0.34] }])).toMatch("NaN");
  expect(difference(expected, [{ class: 1, proba: [0, 0.66] }])).toMatch("2 classes");
  expect(difference(expected, [])).toMatch("0 predictions, not 1");
});
