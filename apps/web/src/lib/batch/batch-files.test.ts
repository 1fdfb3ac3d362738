import { expect, test } from "vitest";
import { iris } from "@sepal/schema/contracts/iris";
import { BatchRecords } from "./batch-records.ts";
import { BatchTable } from "./batch-table.ts";
import { exampleTable } from "./batch-files.ts";

const background = iris.examples.map(({ features }) => features);

function problemsOf(mistakes: boolean): number {
  const { random } = Math;
  const text = [...exampleTable({ contract: iris, background, rows: 500, mistakes, random })].join(
    "",
  );
  const records = new BatchRecords(iris, text);
  records.push(text.replaceAll("\r", ""));
  records.end();
  const table = new BatchTable(iris, records);
  table.check(0, records.rows);
  expect(records.rows).toBe(500);
  return table.badRows.length;
}

test("makes rows that the contract takes, and bad ones when asked to", () => {
  expect(problemsOf(false)).toBe(0);
  expect(problemsOf(true)).toBe(10);
});
