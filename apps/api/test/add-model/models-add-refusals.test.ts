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
      "a regression",
      /output variable FP32 \[-1, 1\]: this looks like a regression/,
      [fixture("regression.onnx"), "--data", LEAVES],
    ],
    [
      "an input for each column",
      /takes 5 inputs \(column_0 FP32 \[-1, 1\]; .*FloatTensorType\(\[None, 5\]\)/,
      [fixture("five-inputs.onnx"), "--data", LEAVES],
    ],
    [
      "scores",
      /row 1 of the data rows the model answers \[-1\.27, .*: these are scores, .*raw_scores/,
      [fixture("scores.onnx"), "--data", LEAVES],
    ],
    [
      "one column short",
      /input X takes 5 features; .* has 4 columns beside "species": "Length \(cm\)", .*--drop/,
      [forest, "--data", LEAVES, "--drop", "lobes"],
    ],
    [
      "a label column that is none",
      /there is no column "kind"; it has Length \(cm\), /,
      [forest, "--data", LEAVES, "--label-column", "kind"],
    ],
    [
      "numbered classes under wrong names",
      /mostly "oak", "beech", "maple" in the data: .*--classes oak,beech,maple/,
      [fixture("forest-numbers.onnx"), "--data", LEAVES],
    ],
    [
      "a contract's name with other features",
      /there is a contract "iris" with other names: its features are sepal_length, /,
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
    ["an empty cell", "", 'row 3, column "Width \\(cm\\)", is empty'],
    ["NaN", "NaN", 'row 3, column "Width \\(cm\\)", holds "NaN"'],
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
    expect(text).toContain("(domain: positive)");
    expect(code).toBe(1);
  });

  test("classes that the model does not have", async () => {
    const path = await changedLeaves((text) => text.replaceAll("oak", "ash"));
    const { text } = await add(forest, "--data", path);
    expect(text).toMatch(/the classes "ash" are not among the model's, "beech", "maple", "oak"/);
  });
});
