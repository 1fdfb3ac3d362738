import { expect, test } from "vitest";
import { iris } from "./contracts/iris.ts";
import type { Contract } from "./define-contract.ts";
import { asList, decodeValue, rowEncoder } from "./row-encoding.ts";

const MIXED: Contract = {
  ...iris,
  rows: undefined,
  features: [
    { type: "number", name: "fare", label: "Fare", nullable: true },
    { type: "boolean", name: "alone", label: "Alone", nullable: true },
    { type: "category", name: "sex", label: "Sex", values: ["female", "male"], nullable: true },
    { type: "category", name: "port", label: "Port", values: ["S", "constructor"], unknown: "S" },
    {
      type: "category",
      name: "deck",
      label: "Deck",
      values: ["A", "B"],
      nullable: true,
      unknown: "missing",
    },
  ],
};

const encode = rowEncoder(MIXED);

test("a list of plain numbers is what a model takes already", () => {
  const row = [5.1, 3.5, 1.4, 0.2];
  expect(rowEncoder(iris)(row)).toBe(row);
});

test.each<[string, object, readonly number[]]>([
  ["a list", [7.25, true, "male", "constructor", "B"], [7.25, 1, 1, 1, 1]],
  [
    "an object, in any order",
    { deck: "A", port: "S", sex: "female", alone: false, fare: 0 },
    [0, 0, 0, 0, 0],
  ],
  ["missing values", [null, null, null, "S", null], [NaN, NaN, NaN, 0, NaN]],
  ["absent keys", { port: "S" }, [NaN, NaN, NaN, 0, NaN]],
  ["texts that are no values", [1, true, "male", "Q", "Q"], [1, 1, 1, 0, NaN]],
])("%s as numbers", (_what, row, numbers) => {
  expect(encode(row)).toEqual(numbers);
});

test("numbers are read back as values", () => {
  const row = [7.25, true, "male", "constructor", null];
  const numbers = encode(row);
  expect(
    MIXED.features.map((feature, index) => decodeValue(feature, numbers[index] ?? NaN)),
  ).toEqual(row);
});

test("an object has its values in the contract's order", () => {
  expect(asList(MIXED, { port: "S", fare: 1 })).toEqual([1, null, null, "S", null]);
});
