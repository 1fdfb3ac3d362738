import { expect, test } from "vitest";
import { iris } from "../contracts/iris.ts";
import type { FeatureSpec } from "../define-contract.ts";
import { cellReader } from "./cell-values.ts";

const SEX: FeatureSpec = {
  type: "category",
  name: "sex",
  label: "Sex",
  values: ["female", " male"],
};
const ALONE: FeatureSpec = { type: "boolean", name: "alone", label: "Alone" };
const AGE: FeatureSpec = { type: "integer", name: "age", label: "Age" };

test.each<[FeatureSpec, string, unknown]>([
  [SEX, "female", "female"],
  [SEX, "female ", "female"],
  [SEX, " male", " male"],
  [SEX, "other", "other"],
  [SEX, " ", undefined],
  [SEX, "NA", "NA"],
  [{ ...SEX, nullable: true }, "NA", null],
  [{ ...SEX, nullable: true }, " ", null],
  [{ ...SEX, nullable: true, values: ["NA", "female"] }, "NA", "NA"],
  [ALONE, "TRUE", true],
  [ALONE, "0", false],
  [ALONE, "yes", undefined],
  [ALONE, "", undefined],
  [{ ...ALONE, nullable: true }, "None", null],
  [AGE, "22", 22],
  [AGE, "22.5", 22.5],
  [AGE, "x", undefined],
  [{ ...AGE, nullable: true }, "nan", null],
])("%j reads %j as %j", (feature, text, value) => {
  expect(cellReader(feature, iris)(text, ".")).toBe(value);
});

test("a contract names its own spellings of a missing cell", () => {
  const read = cellReader({ ...AGE, nullable: true }, { ...iris, missing: ["?"] });
  expect([read("?", "."), read("", "."), read("NA", ".")]).toEqual([null, null, undefined]);
});
