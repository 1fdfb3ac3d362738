import { diabetes } from "@sepal/schema/contracts/diabetes";
import { expect, test } from "vitest";
import { readTable } from "./fixtures/read-table.ts";
import { evaluate, findTruth } from "./truth.ts";

const HEAD = "Id,SepalLengthCm,SepalWidthCm,PetalLengthCm,PetalWidthCm,Species";

test.each([
  ["setosa", "virginica"],
  ["Iris-setosa", "Iris-virginica"],
  ["SETOSA", " virginica "],
])("a column of %s is the truth of a class", async (first, second) => {
  const table = await readTable(`${HEAD}\n1,5.1,3.5,1.4,0.2,${first}\n2,6,3,5,2,${second}\n`);
  expect(findTruth(table)).toEqual({ column: 5, target: 0 });
});

test.each(["red", ""])("a column of %j is none", async (word) => {
  const table = await readTable(`${HEAD}\n1,5.1,3.5,1.4,0.2,${word}\n2,6,3,5,2,${word}\n`);
  expect(findTruth(table)).toBeNull();
});

test("classes are counted by truth and prediction, and rows without either are left out", async () => {
  const rows = ["setosa", "setosa", "virginica", "", "lily"];
  const table = await readTable(
    `${HEAD}\n${rows.map((label, id) => `${id},5.1,3.5,1.4,0.2,${label}`).join("\n")}\n`,
  );
  table.answers.record(0, { class: 0, values: [0.75, 0.25, 0] });
  table.answers.record(1, { class: 1, values: [0.25, 0.75, 0] });
  table.answers.record(2, { class: 2, values: [0, 0, 1] });
  table.answers.record(3, { class: 2, values: [0, 0, 1] });
  table.answers.record(4, { class: 2, values: [0, 0, 1] });
  const { evaluation, wrongRows } = await evaluate(table, { column: 5, target: 0 });
  expect(evaluation).toMatchObject({
    kind: "classes",
    rows: 3,
    right: 2,
    confusion: [
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 1],
    ],
  });
  expect(evaluation.kind === "classes" && evaluation.levels?.[75]).toEqual({ rows: 2, right: 1 });
  expect(evaluation.kind === "classes" && evaluation.levels?.[99]).toEqual({ rows: 1, right: 1 });
  expect(wrongRows).toEqual([1]);
});

test("a confidence counts as the decimal that it is shown as", async () => {
  const table = await readTable(`${HEAD}\n1,5.1,3.5,1.4,0.2,setosa\n2,5.1,3.5,1.4,0.2,setosa\n`);
  table.answers.record(0, { class: 0, values: [0.9, 0.1, 0] });
  table.answers.record(1, { class: 0, values: [0.58, 0.42, 0] });
  const { evaluation } = await evaluate(table, { column: 5, target: 0 });
  const levels = evaluation.kind === "classes" ? (evaluation.levels ?? []) : [];
  expect(levels.flatMap(({ rows }, step) => (rows > 0 ? [step] : []))).toEqual([58, 90]);
});

test("numbers are compared by their errors, the furthest off first", async () => {
  const names = diabetes.features.map(({ name }) => name);
  const [example] = diabetes.examples;
  const cells = Object.values(example.features).join();
  const table = await readTable(
    `${names.join()},progression\n${cells},100\n${cells},200\n${cells},\n`,
    { charset: "utf-8" },
    diabetes,
  );
  const truth = findTruth(table);
  expect(truth).toEqual({ column: names.length, target: 0 });
  if (truth === null) return;
  table.answers.record(0, { class: null, values: [110] });
  table.answers.record(1, { class: null, values: [180] });
  table.answers.record(2, { class: null, values: [180] });
  expect(await evaluate(table, truth)).toEqual({
    evaluation: {
      kind: "values",
      rows: 2,
      target: 0,
      meanAbsolute: 15,
      rootMeanSquare: Math.sqrt(250),
      r2: 0.9,
      points: [
        [100, 110],
        [200, 180],
      ],
    },
    wrongRows: [1, 0],
  });
});
