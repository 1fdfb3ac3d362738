import { iris } from "@sepal/schema/contracts/iris";
import { expect, test } from "vitest";
import { badRowsFile, resultsFile } from "./batch-files.ts";
import { BatchRecords, unifyLineBreaks } from "./batch-records.ts";
import { BatchTable } from "./batch-table.ts";

function tableOf(text: string): BatchTable {
  const records = new BatchRecords(iris, text);
  records.push(unifyLineBreaks(text));
  records.end();
  const table = new BatchTable(iris, records);
  table.check(0, records.rows);
  return table;
}

const features = (table: BatchTable) => table.unanswered().map((row) => table.features(row));
const reasons = (table: BatchTable) =>
  table.badRows.map((row) => table.problems(row).map(({ feature, reason }) => [feature, reason]));

test("finds columns by many spellings of their names, in any order", () => {
  const table = tableOf(
    "Id,PetalWidthCm,petal.length,Sepal width (cm),sepal_length\n7,0.2,1.4,3.5,5.1\n",
  );
  expect(table.mapping).toEqual([4, 3, 2, 1]);
  expect(features(table)).toEqual([[5.1, 3.5, 1.4, 0.2]]);
});

test("reads semicolons with decimal commas, tabs, no header and carriage returns", () => {
  const expected = [[5.1, 3.5, 1.4, 0.2]];
  const header = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
  expect(features(tableOf(`${header.join(";")}\r\n5,1;3,5;1,4;,2\r\n`))).toEqual(expected);
  expect(features(tableOf(`${header.join("\t")}\r5.1\t3.5\t1.4\t.2\r`))).toEqual(expected);
  const bare = tableOf("5.1,3.5,1.4,0.2");
  expect(bare.records.hasHeader).toBe(false);
  expect(features(bare)).toEqual(expected);
});

test("reads NDJSON with named values, with features and as lists", () => {
  const text = [
    '{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}',
    '{"petal_width":0.3,"petal_length":1.5,"sepal_width":3.6,"sepal_length":5.2,"extra":"x"}',
    "not json",
    '{"sepal_length":"5.1","sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}',
  ].join("\n");
  const named = tableOf(text);
  expect(features(named)).toEqual([
    [5.1, 3.5, 1.4, 0.2],
    [5.2, 3.6, 1.5, 0.3],
  ]);
  expect(reasons(named)).toEqual([
    [[null, "The line is not valid JSON"]],
    [[0, "Input should be a valid number"]],
  ]);
  expect(features(tableOf('{"features":[5.1,3.5,1.4,0.2]}\n[6,3,5,2]\n[1,2]'))).toEqual([
    [5.1, 3.5, 1.4, 0.2],
    [6, 3, 5, 2],
  ]);
});

test("names the server's rule for every bad cell and keeps ragged rows out", () => {
  const table = tableOf(
    [
      "sepal_length,sepal_width,petal_length,petal_width",
      "5.1,3.5,1.4,0.2",
      ",3.5,-1,0.2",
      "x,NaN,1e39,0",
      "5.1,inf,1.4,0.2",
      "5.1,3.5,1.4",
      "5.1,3.5,1.4,0.2,9",
      "5.1,3.5,1.4,0.2,,",
    ].join("\n"),
  );
  expect(features(table)).toHaveLength(2);
  expect(reasons(table)).toEqual([
    [
      [0, "Field required"],
      [2, "Input should be greater than 0"],
    ],
    [
      [0, "Input should be a valid number"],
      [1, "Input should be a valid number"],
      [2, "Input should be a finite number after rounding to float32"],
      [3, "Input should be greater than 0"],
    ],
    [[1, "Input should be a finite number"]],
    [[null, "The row has 3 cells where 4 belong"]],
    [[null, "The row has 5 cells where 4 belong"]],
  ]);
});

test("writes input, answers and problems, with no formula that came from text", () => {
  const table = tableOf(
    'note,sepal_length,sepal_width,petal_length,petal_width\n"=1+1, ok",5.1,3.5,1.4,0.2\n@x,-5,3.5,1.4,0.2\n',
  );
  const first = { class: 1, confidence: 0.5, proba: [0.25, 0.5, 0.25] };
  table.answers.record(0, first);
  table.answers.record(0, { class: 2, confidence: 1, proba: [0, 0, 1] });
  expect(table.answers.answered).toBe(1);
  expect([...resultsFile(table)].join("")).toBe(
    [
      "note,sepal_length,sepal_width,petal_length,petal_width,class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error",
      '"\'=1+1, ok",5.1,3.5,1.4,0.2,1,versicolor,0.5,0.25,0.5,0.25,',
      "'@x,-5,3.5,1.4,0.2,,,,,,,sepal_length: Input should be greater than 0",
      "",
    ].join("\r\n"),
  );
  expect([...badRowsFile(table)].join("")).toBe(
    "row,column,value,reason\r\n2,sepal_length,-5,Input should be greater than 0\r\n",
  );
});

test("shows windows of all rows and of the bad ones", () => {
  const table = tableOf("5.1,3.5,1.4,0.2\n0,1,1,1\n6,3,5,2\n");
  expect(table.window("all", 1, 5).map(({ number }) => number)).toEqual([2, 3]);
  expect(table.window("bad", 0, 5).map(({ number, cells }) => [number, cells])).toEqual([
    [2, ["0", "1", "1", "1"]],
  ]);
});
