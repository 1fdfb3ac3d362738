import { expect, test } from "vitest";
import { columnName } from "./headings.ts";

test.each([
  ["sepal length (cm)", "sepal_length", "Sepal length", "cm"],
  ["Sepal.Length", "sepal_length", "Sepal length", ""],
  ["PetalWidthCm [mm]", "petal_width_cm", "Petal width cm", "mm"],
  [
    "od280/od315_of_diluted_wines",
    "od280_od315_of_diluted_wines",
    "Od280 od315 of diluted wines",
    "",
  ],
  ["2nd reading", "x_2nd_reading", "2nd reading", ""],
  ["Café price", "cafe_price", "Cafe price", ""],
  ["%", "", "", ""],
])("%s", (heading, name, label, unit) => {
  expect(columnName(heading)).toEqual({ name, label, unit });
});
