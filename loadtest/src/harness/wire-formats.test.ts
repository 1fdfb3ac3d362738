import { expect, test } from "vitest";
import { openInference, trpcBatchOfRows, trpcRows } from "./wire-formats.ts";

test("the inference protocol takes rows flat and gives classes and probabilities apart", () => {
  expect(
    openInference.body([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]),
  ).toMatchObject({ inputs: [{ shape: [2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] }] });
  const predictions = openInference.predictions({
    outputs: [
      { name: "class", data: [1, 0] },
      { name: "proba", data: [0, 0.7, 0.3, 1, 0, 0] },
    ],
  });
  expect(predictions).toEqual([
    { class: 1, proba: [0, 0.7, 0.3] },
    { class: 0, proba: [1, 0, 0] },
  ]);
});

test("a response of another form is rejected", () => {
  expect(() => trpcRows.predictions({ predictions: [] })).toThrow("result");
});

test("a batch with one call holds one result", () => {
  const result = { result: { data: { predictions: [{ class: 1, proba: [0, 1, 0] }] } } };
  expect(trpcBatchOfRows.predictions([result])).toEqual([{ class: 1, proba: [0, 1, 0] }]);
  expect(() => trpcBatchOfRows.predictions([result, result])).toThrow("too_big");
});
