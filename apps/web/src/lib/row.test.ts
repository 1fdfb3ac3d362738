import { expect, test } from "vitest";
import { iris } from "@sepal/schema/contracts/iris";
import { ships } from "./fixtures/typed-contracts.ts";
import { readRow, rowBody, writeRow } from "./row.ts";

test.each([
  ["7.25,4,false,C", [7.25, 4, false, "C"]],
  ["0,,true,", [0, null, true, null]],
  ["1e3,120,true,A%2C upper", [1000, 120, true, "A, upper"]],
  ["1,0,false,100 %25", [1, 0, false, "100 %"]],
])("reads %j as a row", (text, row) => {
  expect(readRow(ships, text)).toEqual(row);
  expect(readRow(ships, writeRow(row))).toEqual(row);
});

test.each([
  ["too few values", "7.25,4,false"],
  ["too many values", "7.25,4,false,C,1"],
  ["a value that must not be missing", ",4,false,C"],
  ["text for a number", "x,4,false,C"],
  ["a number below its minimum", "-1,4,false,C"],
  ["a number above its maximum", "1,121,false,C"],
  ["a fraction for an integer", "1,4.5,false,C"],
  ["a number for a boolean", "1,4,0,C"],
  ["text that is no value of a category", "1,4,false,D"],
  ["the label of a value", "1,4,false,Lower"],
])("reads no row from %s", (_what, text) => {
  expect(readRow(ships, text)).toBeNull();
});

test("takes any text where the contract says what others count as", () => {
  const [fare, age, alone, deck] = ships.features;
  const contract = { ...ships, features: [fare, age, alone, { ...deck, unknown: "missing" }] };
  expect(readRow(contract, "1,4,false,D")).toEqual([1, 4, false, "D"]);
});

test("a request has named values, or a list where the contract takes lists alone", () => {
  expect(rowBody(ships, [1, null, true, "C"])).toEqual({
    fare: 1,
    age: null,
    alone: true,
    deck: "C",
  });
  expect(rowBody(iris, [5.1, 3.5, 1.4, 0.2])).toEqual([5.1, 3.5, 1.4, 0.2]);
});
