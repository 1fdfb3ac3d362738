import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addTo, fixture, LEAVES, staged, written } from "../support/added-models.ts";
import { startApi } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { copyWorkspace, type WorkspaceCopy } from "../support/workspace-copy.ts";

let workspace: WorkspaceCopy;
beforeAll(async () => {
  workspace = await copyWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

const add = (...args: string[]) => addTo(workspace, ...args);

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
  const PLAIN = [
    "forest-names",
    "zipmap-names",
    "logistic-names",
    "logistic-double",
    "five-inputs",
  ] as const;
  const CLASSES = { leaves: ["beech", "maple", "oak"], numbered: ["oak", "beech", "maple"] };
  let said = "";
  beforeAll(async () => {
    for (const name of PLAIN) {
      said += (await add(fixture(`${name}.onnx`), "--data", LEAVES)).text;
    }
    const numbered = ["--contract-name", "numbered", "--typed"];
    said += (await add(fixture("forest-numbers.onnx"), "--data", LEAVES, ...numbered)).text;
    const iris = [workspace.file("models/iris-forest/1/model.onnx"), "--name", "iris-again"];
    said += (await add(...iris, "--data", workspace.file("models/datasets/iris.csv"))).text;
  });

  test("says what it found, changed and could not know", () => {
    expect(said).toContain("right on 212 of 240 rows, 88.3 %");
    expect(said).toContain("each has the name that most of its rows have: oak, beech, maple");
    expect(said).toContain("the ZipMap at its end is cut off");
    expect(said).toContain('"Stalk length (mm)" is stalk_length in mm');
    expect(said).toContain("the input is DOUBLE");
    expect(said).toContain("column_3, column_4 are made of one, features FLOAT");
    expect(said).toContain('"species" is taken for what is predicted; --target names another');
    expect(said).toContain("who may use the model and the data: their licence");
    expect(said).toContain(
      'the contract "leaves" has the same features and classes, so it is used',
    );
    expect(said).toContain('the contract "iris" has the same features and classes, so it is used');
  });

  test("nothing else is left behind", async () => {
    const { contracts, index, paths } = await written(workspace);
    expect(await staged(workspace)).toEqual([]);
    expect(contracts).toEqual([
      "diabetes.ts",
      "index.ts",
      "iris.ts",
      "numbered.ts",
      "penguins.ts",
      "speeches-embed.ts",
      "speeches.ts",
      "wine.ts",
    ]);
    expect(index).toContain("  speeches_embed: speechesEmbed,\n  numbered,\n};");
    expect(paths).toEqual(
      expect.arrayContaining(["contracts/leaves.json", "contracts/numbered.json"]),
    );
  });

  test("over the wire, and answers as scikit-learn did", async () => {
    const answers = JSON.parse(await readFile(fixture("answers.json"), "utf8"));
    const [, ...lines] = (await readFile(LEAVES, "utf8")).trimEnd().split("\n");
    const rows = lines.slice(0, 60).map((line) => line.split(",").slice(0, 5).map(Number));
    await using api = await startApi({
      cwd: workspace.path,
      main: workspace.file("apps/api/src/main.ts"),
    });
    // The same pipeline with an input for each column.
    answers["five-inputs"] = answers["logistic-names"];
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
    // A model of one's own is not published unless that is asked for.
    const background = await send(`${api.url}/models/zipmap-names/background`);
    expect([background.status, background.body.detail]).toEqual([
      404,
      "the training data of zipmap-names is not published; PUBLISH_MODELS decides",
    ]);
    const again = { features: [5.1, 3.5, 1.4, 0.2], model_name: "iris-again" };
    expect((await post(`${api.url}/predict`, again)).body).toMatchObject({ label: "setosa" });
    const { paths } = (await send(`${api.url}/openapi.json`)).body;
    const { example } = paths["/leaves/predict"].post.requestBody.content["application/json"];
    expect(Object.keys(example.features)).toEqual([
      "length",
      "width",
      "stalk_length",
      "lobes",
      "vein_angle",
    ]);
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
