import { expect, test } from "vitest";
import type { Contract } from "@sepal/schema/define-contract";
import { iris } from "@sepal/schema/contracts/iris";
import { addressNotices, workbenchParsers, type SearchParams } from "./workbench-state.ts";
import { cardOf } from "./fixtures/card.ts";
import { fares, ships } from "./fixtures/typed-contracts.ts";

function view(contract: Contract, search: SearchParams = {}) {
  const card = cardOf(contract);
  const parsers = workbenchParsers(contract, card, [card]);
  return { parsers, notices: addressNotices(parsers, search, { contract, card }) };
}

test("a view starts with the first example, the first tab and axes by effect", () => {
  const { parsers } = view(fares);
  expect(parsers.f.defaultValue).toEqual([7.25, 4, false, "C"]);
  expect(parsers.tab.defaultValue).toBe("why");
  expect(parsers.x.parse("fare")).toBe("fare");
  expect(parsers.t.defaultValue).toBe("price");
  expect(view(iris, { to: "virginica", tab: "data" }).notices).toEqual([]);
  expect(view(iris, { to: "rose", tab: "smell" }).notices).toHaveLength(2);
});

test("an address takes targets and numeric axes alone", () => {
  expect(view(fares, { t: "days", x: "age", f: "1,,true," }).notices).toEqual([]);
  expect(view(fares, { t: "hours", x: "deck", f: "1,,true,D" }).notices).toEqual([
    "“f=1,,true,D” in the address is not 4 values that Fares takes, so a child is shown.",
    "“x=deck” in the address is not a feature with numbers, so the usual axis is shown.",
    "“t=hours” in the address is not a target, so the first one is shown.",
  ]);
  expect(view(ships, { t: "price" }).notices).toHaveLength(1);
  expect(view(iris, { f: "1" }).notices).toEqual([
    "“f=1” in the address is not 4 numbers that Iris takes, so a typical setosa is shown.",
  ]);
});
