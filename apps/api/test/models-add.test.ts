import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi } from "./api-process.ts";
import { post, send } from "./json-request.ts";
import { copyWorkspace, type WorkspaceCopy } from "./workspace-copy.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`fixtures/add-model/${name}`, import.meta.url));
const LEAVES = fixture("leaves.csv");

let workspace: WorkspaceCopy;
beforeAll(async () => {
  workspace = await copyWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

const add = (...args: string[]) => workspace.run("packages/add-model/src/main.ts", args);

/** Everything that the command could have written. */
async function written() {
  const paths = await readdir(workspace.file("models"), { recursive: true });
  const contracts = await readdir(workspace.file("packages/schema/src/contracts"));
  const index = await readFile(workspace.file("packages/schema/src/contracts/index.ts"), "utf8");
  const root = await readdir(workspace.path);
  return { paths: paths.toSorted(), contracts: contracts.toSorted(), index, root: root.toSorted() };
}

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
    const before = await written();
    const { code, text } = await add(...args);
    expect(text).toMatch(message);
    expect(text).toContain("Nothing was written.");
    expect(text).not.toContain("    at ");
    expect(code).toBe(1);
    expect(await written()).toEqual(before);
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

test("--help says what it does", async () => {
  const { code, text } = await add("--help");
  expect(code).toBe(0);
  expect(text).toContain("pnpm models:add path/to/model.onnx --data train.csv");
});

interface Prediction {
  readonly class: number;
  readonly label: string;
  readonly proba: readonly number[];
}

describe("what is added serves", () => {
  const PLAIN = ["forest-names", "zipmap-names", "logistic-names", "logistic-double"];
  const CLASSES = { leaves: ["beech", "maple", "oak"], numbered: ["oak", "beech", "maple"] };
  let said = "";
  beforeAll(async () => {
    for (const name of PLAIN) said += (await add(fixture(`${name}.onnx`), "--data", LEAVES)).text;
    const numbered = ["--classes", "oak,beech,maple", "--contract-name", "numbered"];
    said += (await add(fixture("forest-numbers.onnx"), "--data", LEAVES, ...numbered)).text;
    const iris = [workspace.file("models/iris-forest/1/model.onnx"), "--name", "iris-again"];
    said += (await add(...iris, "--data", workspace.file("models/datasets/iris.csv"))).text;
  });

  test("says what it found, changed and could not know", () => {
    expect(said).toContain("right on 212 of 240 rows, 88.3 %");
    expect(said).toContain("the ZipMap at its end is cut off");
    expect(said).toContain('"Stalk length (mm)" is stalk_length in mm');
    expect(said).toContain("the input is DOUBLE");
    expect(said).toContain("who may use the model and the data: their licence");
    expect(said).toContain(
      'the contract "leaves" has the same features and classes, so it is used',
    );
    expect(said).toContain('the contract "iris" has the same features and classes, so it is used');
  });

  test("nothing else is left behind", async () => {
    const { root, contracts, index } = await written();
    expect(root.filter((name) => name.startsWith(".adding"))).toEqual([]);
    expect(contracts).toEqual(["index.ts", "iris.ts", "leaves.ts", "numbered.ts", "wine.ts"]);
    expect(index).toContain("export const contracts = { iris, wine, leaves, numbered };");
  });

  test("over the wire, and answers as scikit-learn did", async () => {
    const answers = JSON.parse(await readFile(fixture("answers.json"), "utf8"));
    const [, ...lines] = (await readFile(LEAVES, "utf8")).trimEnd().split("\n");
    const rows = lines.slice(0, 60).map((line) => line.split(",").slice(0, 5).map(Number));
    await using api = await startApi({
      cwd: workspace.path,
      main: workspace.file("apps/api/src/main.ts"),
    });
    for (const model of [...PLAIN, "forest-numbers"]) {
      const contract = model === "forest-numbers" ? "numbered" : "leaves";
      const { status, body } = await post(`${api.url}/${contract}/predict-batch`, {
        rows,
        model_name: model,
      });
      expect(status, model).toBe(200);
      const far = body.predictions.filter((found: Prediction, row: number) => {
        const expected: number[] = answers[model][row];
        const away = expected.some(
          (value, index) => !(Math.abs((found.proba[index] ?? NaN) - value) < 1e-5),
        );
        return away || found.label !== CLASSES[contract][expected.indexOf(Math.max(...expected))];
      });
      expect(far, model).toEqual([]);
    }
    const card = (await send(`${api.url}/models/zipmap-names`)).body;
    expect(card).toMatchObject({ state: "ready", contract: "leaves", classes: CLASSES.leaves });
    expect(card.features[2]).toMatchObject({
      name: "stalk_length",
      unit: "mm",
      min: 3.56,
      max: 18.25,
    });
    const background = await send(`${api.url}/models/zipmap-names/background`);
    expect(background.body).toMatchObject({ total: 240 });
    const again = { features: [5.1, 3.5, 1.4, 0.2], model_name: "iris-again" };
    expect((await post(`${api.url}/predict`, again)).body).toMatchObject({ label: "setosa" });
    const { paths } = (await send(`${api.url}/openapi.json`)).body;
    expect(
      paths["/leaves/predict"].post.requestBody.content["application/json"].example.features,
    ).toHaveLength(5);
  });

  test("--force replaces it, and only then", async () => {
    const args = [fixture("logistic-names.onnx"), "--data", LEAVES, "--name", "forest-names"];
    const bytes = () => readFile(workspace.file("models/forest-names/1/model.onnx"));
    const before = await bytes();
    expect((await add(...args)).text).toMatch(
      /forest-names\.csv and models\/forest-names are there already/,
    );
    expect(await bytes()).toEqual(before);
    expect(await add(...args, "--force")).toMatchObject({ code: 0 });
    expect(await bytes()).not.toEqual(before);
  });
});
