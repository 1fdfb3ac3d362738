import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addTo, fixture, LEAVES, staged, written } from "../support/added-models.ts";
import { copyWorkspace, type WorkspaceCopy } from "../support/workspace-copy.ts";

let workspace: WorkspaceCopy;
beforeAll(async () => {
  workspace = await copyWorkspace();
});
afterAll(async () => {
  expect(await staged(workspace)).toEqual([]);
  await workspace[Symbol.asyncDispose]();
});

const add = (...args: string[]) => addTo(workspace, ...args);

/** A copy of the leaves with one line changed. */
async function changedLeaves(change: (text: string) => string): Promise<string> {
  const path = workspace.file("changed.csv");
  await writeFile(path, change(await readFile(LEAVES, "utf8")));
  return path;
}

describe("refuses, with the place and the rule, and writes nothing", () => {
  const forest = fixture("forest-names.onnx");
  test.concurrent.each<readonly [name: string, message: RegExp, args: readonly string[]]>([
    ["no data", /usage: pnpm models:add/, [forest]],
    ["an option nobody knows", /--what/, [forest, "--data", LEAVES, "--what"]],
    [
      "a file that is not there",
      /nowhere\.onnx: cannot be read: ENOENT/,
      ["nowhere.onnx", "--data", LEAVES],
    ],
    ["a file that is no ONNX", /leaves\.csv: is not an ONNX file/, [LEAVES, "--data", LEAVES]],
    [
      "a regression of a column of texts",
      /row 1, column "species", holds "[a-z]+", but the model predicts numbers: .*--target/,
      [fixture("regression.onnx"), "--data", LEAVES],
    ],
    [
      "a softmax of one number",
      /output variable has one number a row, of which --softmax makes nothing; --sigmoid/,
      [fixture("regression.onnx"), "--data", LEAVES, "--softmax"],
    ],
    [
      "a file of data where the model keeps none, which is not there",
      /--external nowhere\.data: cannot be read: ENOENT/,
      [forest, "--data", LEAVES, "--external", "nowhere.data"],
    ],
    [
      "codes of a column that is none",
      /--codes kind: .*leaves\.csv has no feature of that name: "Length \(cm\)"/,
      [forest, "--data", LEAVES, "--codes", "kind=a,b"],
    ],
    [
      "predictions of other rows",
      /--expected .*labels-int64\.csv: has \d+ rows, the data 240/,
      [forest, "--data", LEAVES, "--expected", fixture("labels-int64.csv")],
    ],
    [
      "one column short",
      /input X takes 5 features; .* has 4 columns beside "species": "Length \(cm\)", .*--drop/,
      [forest, "--data", LEAVES, "--drop", "lobes"],
    ],
    [
      "a target that is no column",
      /there is no column "kind"; it has Length \(cm\), /,
      [forest, "--data", LEAVES, "--target", "kind"],
    ],
    [
      "numbered classes under wrong names",
      /mostly "oak", "beech", "maple" in the data: .*--classes oak,beech,maple/,
      [fixture("forest-numbers.onnx"), "--data", LEAVES, "--classes", "beech,maple,oak"],
    ],
    [
      "a contract's name with other features",
      /there is another contract "iris": its features are sepal_length, /,
      [forest, "--data", LEAVES, "--contract-name", "iris"],
    ],
    [
      "a contract's name that is a route",
      /cannot be called "models"/,
      [forest, "--data", LEAVES, "--contract-name", "models"],
    ],
    [
      "a model's name that leaves the folder",
      /a model cannot be called "\.\.\/x"/,
      [forest, "--data", LEAVES, "--name", "../x"],
    ],
    [
      "a model that is there",
      /models\/iris-forest is there already; --force replaces/,
      [forest, "--data", LEAVES, "--name", "iris-forest"],
    ],
  ])("%s", async (_name, message, args) => {
    const before = await written(workspace);
    const { code, text } = await add(...args);
    expect(text).toMatch(message);
    expect(text).toContain("Nothing was written.");
    expect(text).not.toContain("    at ");
    expect(code).toBe(1);
    expect(await written(workspace)).toEqual(before);
  });

  test.each([
    ["a text", "wide", 'row 3, column "Width \\(cm\\)", holds "wide"'],
    ["what is infinite as float32", "1e39", 'row 3, column "Width \\(cm\\)", holds "1e39"'],
  ])("%s in the data", async (_name, cell, message) => {
    const path = await changedLeaves((text) =>
      text
        .split("\n")
        .map((line, index) => (index === 3 ? line.split(",").with(1, cell).join(",") : line))
        .join("\n"),
    );
    const { code, text } = await add(forest, "--data", path);
    expect(text).toMatch(new RegExp(`changed\\.csv: ${message}.*finite number in every row`));
    expect(code).toBe(1);
  });

  test("numbers outside the domain", async () => {
    const path = await changedLeaves((text) => text.replace(/^[\d.]+/m, "0"));
    const { code, text } = await add(forest, "--data", path, "--domain", "positive");
    expect(text).toContain('row 1, column "Length (cm)", holds 0: Input should be greater than 0');
    expect(text).toContain("as the contract changed has it; --domain gives another rule");
    expect(code).toBe(1);
  });

  test("numbers outside the bounds of a contract that is there", async () => {
    const table = await readFile(workspace.file("models/datasets/iris.csv"), "utf8");
    const path = workspace.file("negative.csv");
    await writeFile(path, table.replace("5.1,", "-5.1,"));
    const model = workspace.file("models/iris-forest/1/model.onnx");
    const { code, text } = await add(model, "--data", path, "--name", "negative");
    expect(text).toContain(
      "as the contract iris has it; a contract of its own, named with --contract-name",
    );
    expect(code).toBe(1);
  });

  test("codes with which the model predicts otherwise than its library", async () => {
    const file = (name: string) => fixture(`../exported/lgbm_categories/${name}`);
    const { expect: predicted } = JSON.parse(await readFile(file("test.json"), "utf8"));
    const path = workspace.file("predictions.csv");
    const rows = predicted.map((proba: readonly number[]) => proba.join(","));
    await writeFile(path, `${["proba_0,proba_1", ...rows].join("\n")}\n`);
    const model = [file("lgbm_categories.onnx"), "--data", file("lgbm_categories.csv")];
    const args = [...model, "--expected", path];
    const { code, text } = await add(...args, "--codes", "sex=male,female");
    expect(text).toMatch(/row \d+ of .*; are the codes of "sex", "port" those that/);
    expect(code).toBe(1);
    const right = await add(...args, "--name", "coded");
    expect(right.text).toContain("it answers as the library did on every row");
    expect(right.text).toContain('"sex" goes to the model as codes: 0 female, 1 male');
    expect(right.code).toBe(0);
  });

  test("classes that the model does not have", async () => {
    const path = await changedLeaves((text) => text.replaceAll("oak", "ash"));
    const { text } = await add(forest, "--data", path);
    expect(text).toMatch(/the classes "ash" are not among the model's, "beech", "maple", "oak"/);
  });
});
