import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { badRowsFile, resultsFile } from "./batch-files.ts";
import type { BatchTable } from "./batch-table.ts";
import { fares, ships } from "../fixtures/typed-contracts.ts";
import { readTable } from "./fixtures/read-table.ts";

const HEAD = "sepal_length,sepal_width,petal_length,petal_width";
const ROW = "5.1,3.5,1.4,0.2";
const GOOD = [5.1, 3.5, 1.4, 0.2];

const features = (table: BatchTable) => table.unanswered().map((row) => table.features(row));
const reasons = (table: BatchTable) =>
  table.badRows.map((row) => table.problems(row).map(({ feature, reason }) => [feature, reason]));

function resultOf(table: BatchTable): string {
  return Buffer.concat([...resultsFile(table)]).toString("latin1");
}

test("finds columns by many spellings of their names, in any order", async () => {
  const table = await readTable(
    "Id,PetalWidth (cm),petal.length,Sepal width [cm],sepal_length\n7,0.2,1.4,3.5,5.1\n",
  );
  expect(table.mapping).toEqual([4, 3, 2, 1]);
  expect(features(table)).toEqual([GOOD]);
});

test("reads semicolons with decimal commas, tabs, gzip, no header and carriage returns", async () => {
  const semicolons = `${HEAD.replaceAll(",", ";")}\r\n5,1;3,5;1,4;,2\r\n`;
  for (const text of [
    semicolons,
    `${HEAD.replaceAll(",", "\t")}\r5.1\t3.5\t1.4\t.2\r`,
    new Uint8Array(gzipSync(semicolons)),
    ROW,
    "5,1;3,5;1,4;0,2",
  ]) {
    const table = await readTable(text);
    expect(features(table)).toEqual([GOOD]);
    expect(table.records.hasHeader).toBe(text.length > 20);
  }
});

test("takes the first row as header or data, as chosen", async () => {
  const table = await readTable(`${ROW}\n${ROW}\n`, { charset: "utf-8", hasHeader: true });
  expect([table.records.rows, table.records.columns]).toEqual([1, ROW.split(",")]);
  expect(table.mapping).toEqual([null, null, null, null]);
  table.mapping = [0, 1, 2, 3];
  table.restart();
  table.check(0);
  expect(features(table)).toEqual([GOOD]);
});

test("reads lines and arrays of JSON: named values, features and lists", async () => {
  const rows = [
    '{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}',
    '{"PetalWidth":0.3,"petal length":1.5,"sepal_width":3.6,"sepal_length":5.2,"extra":"x"}',
    '{"sepal_length":"5.1","sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}',
    '{"features":[5.1,3.5,1.4,0.2]}',
    "[6,3,5,2]",
  ];
  for (const text of [rows.join("\n"), `[\n${rows.join(" ,\n")} ]`]) {
    const table = await readTable(text);
    expect(features(table)).toEqual([GOOD, [5.2, 3.6, 1.5, 0.3], GOOD, [6, 3, 5, 2]]);
    expect(reasons(table)).toEqual([[[0, "Input should be a valid number"]]]);
    expect(table.window("bad", 0, 1)[0]?.cells).toEqual(["5.1", "3.5", "1.4", "0.2"]);
  }
});

test("reads the values of chosen keys", async () => {
  const table = await readTable(
    '{"a":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}\n',
  );
  expect(table.mapping).toEqual([null, 1, 2, 3]);
  table.mapping = [0, 1, 2, 3];
  table.restart();
  table.check(0);
  expect(features(table)).toEqual([GOOD]);
});

test("writes the results into the elements of a JSON array, byte for byte", async () => {
  const rows = ['{ "id":9007199254740993,"features":[5.1,3.5,1.4,0.2] }', "[6,3,5,2]", "7"];
  const results =
    '"class":0,"label":"setosa","confidence":1,"proba_setosa":1,"proba_versicolor":0,"proba_virginica":0,"error":null';
  const table = await readTable(`\uFEFF [ ${rows.join(" , ")}\n] \n`);
  for (const row of [0, 1]) table.answers.record(row, { class: 0, values: [1, 0, 0] });
  const failed = resultOf(table).split("\n")[0]?.split(" , ").at(-1);
  expect(resultOf(table)).toBe(
    `\u00ef\u00bb\u00bf [ { "id":9007199254740993,"features":[5.1,3.5,1.4,0.2] ,${results}} , {"input":[6,3,5,2],${results}} , ${failed}\n] \n`,
  );
  expect(failed).toContain('{"input":7,"class":null');
});

test.each([
  ["UTF-16", Buffer.from(`\uFEFF${HEAD}\n${ROW}\n`, "utf16le"), /UTF-16; save it as UTF-8/],
  ["a workbook", Buffer.from("PK\u0003\u0004xx"), /workbook.*save it as CSV UTF-8/],
  [
    "a packed workbook",
    gzipSync(Buffer.from("PK\u0003\u0004xx")),
    /workbook.*save it as CSV UTF-8/,
  ],
  ["gzip that is cut off", gzipSync(`${HEAD}\n${ROW}\n`).subarray(0, 30), /not gzip data/],
  [
    "another charset",
    Buffer.from(`name,${HEAD}\nM\u00fcller,${ROW}\n`, "latin1"),
    /not UTF-8: line 2, byte 57 of the file is 0xFC; it looks like Windows-1252/,
  ],
  [
    "another charset in JSON",
    Buffer.from('[{"a":"\u00fc"}]', "latin1"),
    /not UTF-8: line 1, byte 8/,
  ],
  ["an array that is not closed", "[[1,2]", /does not end with \]/],
  ["a quote that is not closed", `${HEAD}\n"${ROW}\n`, /row 1: A quote is not closed/],
])("rejects %s", async (_what, bytes, message) => {
  await expect(readTable(new Uint8Array(Buffer.from(bytes)))).rejects.toThrow(message);
});

test("names the server's rule for every bad cell", async () => {
  const table = await readTable(
    [HEAD, ROW, ",3.5,-1,0.2", "x,NaN,1e39,0", "5.1,3.5,1.4", `${ROW},9`].join("\n"),
  );
  expect(features(table)).toEqual([GOOD]);
  const unread = "Input should be a valid number, unable to parse string as a number";
  expect(reasons(table)).toEqual([
    [
      [0, "Field required"],
      [2, "Input should be greater than 0"],
    ],
    [
      [0, unread],
      [1, "Input should be a finite number"],
      [2, "Input should be a finite number after rounding to float32"],
      [3, "Input should be greater than 0"],
    ],
    [[3, "Field required"]],
    [[null, "The row has 5 cells, the header 4"]],
  ]);
});

test("writes the bad rows with no formula in them", async () => {
  const table = await readTable(`note,${HEAD}\n=1,-5,=2,1.4,0.2\n`);
  expect([...badRowsFile(table)].join("")).toBe(
    'row,column,value,reason\r\n1,sepal_width,\'=2,"Input should be a valid number, unable to parse string as a number"\r\n1,sepal_length,-5,Input should be greater than 0\r\n',
  );
});

test("says of rows without a prediction that they have none", async () => {
  const table = await readTable(`${HEAD}\n${ROW}\n${ROW}\n`);
  const answer = { class: 1, values: [0.25, 0.5, 0.25] };
  table.answers.record(0, answer);
  table.answers.record(0, { class: 2, values: [0, 0, 1] });
  expect(table.answers.answered).toBe(1);
  expect(table.answers.get(0)).toEqual(answer);
  expect(resultOf(table).split("\n").slice(1)).toEqual([
    `${ROW},1,versicolor,0.5,0.25,0.5,0.25,`,
    `${ROW},,,,,,,row 2: not predicted`,
    "",
  ]);
});

test("shows windows of all rows and of the bad ones", async () => {
  const table = await readTable("5.1,3.5,1.4,0.2\n0,1,1,1\n6,3,5,2\n");
  expect(table.window("all", 1, 5).map(({ number }) => number)).toEqual([2, 3]);
  expect(table.window("bad", 0, 5).map(({ number, cells }) => [number, cells])).toEqual([
    [2, ["0", "1", "1", "1"]],
  ]);
});

const TYPED = ["fare,age,alone,deck", '7.25,4,FALSE,"A, upper"', "0,,1,NA", "x,4.5,yes,D", ""].join(
  "\n",
);

test("reads categories, booleans and missing cells as the contract says", async () => {
  const table = await readTable(TYPED, undefined, ships);
  expect(features(table)).toEqual([
    [7.25, 4, false, "A, upper"],
    [0, null, true, null],
  ]);
  expect(reasons(table)).toEqual([
    [
      [0, "Input should be a valid number, unable to parse string as a number"],
      [2, "Input should be a valid boolean, unable to interpret input"],
      [1, "Input should be a valid integer, got a number with a fractional part"],
      [3, "Input should be A, upper or 100 % or C"],
    ],
  ]);
});

test("writes labels alone, and the values of targets", async () => {
  const labels = await readTable(TYPED, undefined, ships);
  labels.answers.record(0, { class: 1, values: [] });
  expect(labels.answers.byClass).toEqual([0, 1]);
  expect(resultOf(labels).split("\n").slice(0, 2)).toEqual([
    "fare,age,alone,deck,class,label,error",
    '7.25,4,FALSE,"A, upper",1,saved,',
  ]);
  const values = await readTable(TYPED, undefined, fares);
  values.answers.record(1, { class: null, values: [12.5, 3] });
  expect(values.answers.get(1)).toEqual({ class: null, values: [12.5, 3] });
  expect(resultOf(values).split("\n").slice(0, 3)).toEqual([
    "fare,age,alone,deck,predicted_price,predicted_days,error",
    '7.25,4,FALSE,"A, upper",,,row 1: not predicted',
    "0,,1,NA,12.5,3,",
  ]);
});
