import { iris } from "@sepal/schema/contracts/iris";
import { wine } from "@sepal/schema/contracts/wine";
import type { Contract } from "@sepal/schema/define-contract";
import { expect, test } from "vitest";
import { guessColumns } from "./guess-columns.ts";

function guess(contract: Contract, table: string) {
  const [columns = [], ...rows] = table.split("\n").map((line) => line.split(";"));
  const samples = columns.map((_, column) => rows.map((row) => row[column] ?? ""));
  const mapping = contract.features.map(({ name }) => {
    const column = columns.indexOf(name);
    return column === -1 ? null : column;
  });
  return guessColumns({ contract, columns, samples, mapping });
}

test("as many numbers as features are taken by their order, without row numbers, texts and labels", () => {
  expect(guess(iris, "Id;note;a;b;c;d;class\n1;a;5,1;3.5;1.4;0.2;0")).toEqual([2, 3, 4, 5]);
});

test("a column that is called as actual values is taken where the others are too few", () => {
  expect(guess(iris, "w;x;y;z;class\n5.1;3.5;1.4;0.2;setosa")).toEqual([0, 1, 2, 3]);
});

test("a heading spelled much like a feature is taken before the order", () => {
  const table = "petal_widht;petal_lenght;sepal_length;sepal_width\n0.2;1.4;5.1;3.5";
  expect(guess(iris, table)).toEqual([2, 3, 1, 0]);
});

test("what a heading names stays, and only the rest is guessed", () => {
  expect(guess(iris, "b;sepal_width;a;c\n5.1;3.5;1.4;0.2")).toEqual([0, 1, 2, 3]);
});

test("nothing is guessed by order where more or fewer columns are left than features", () => {
  expect(guess(iris, "a;b;c;d;e\n1;2;3;4;5")).toEqual([null, null, null, null]);
  expect(new Set(guess(wine, "a;b;c;d\n5.1;3.5;1.4;0.2"))).toEqual(new Set([null]));
});
