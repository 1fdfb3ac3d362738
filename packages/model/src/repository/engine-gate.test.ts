import { contracts } from "@sepal/schema/contracts/index";
import { iris } from "@sepal/schema/contracts/iris";
import { expect, test, vi } from "vitest";
import { REPOSITORY } from "../../test/real-models.ts";
import { chooseEngine } from "./engine-gate.ts";
import { listModelNames, readModelFolder, readVersionFiles } from "./model-files.ts";

/** The files of a model that Sepal comes with, and its contract. */
async function shipped(name: string) {
  const folder = await readModelFolder(REPOSITORY, name);
  const files = await readVersionFiles(folder, folder.file.default_version);
  const contract = Object.values(contracts).find((each) => each.name === files.manifest.contract);
  if (contract === undefined) throw new Error("no contract");
  return { files, contract };
}

test("every tree model that Sepal comes with is the evaluator's, every other one ONNX Runtime's", async () => {
  const engines: Record<string, string> = {};
  for (const name of await listModelNames(REPOSITORY)) {
    const { files, contract } = await shipped(name);
    const { name: engine, reason } = await chooseEngine(files, contract, "auto");
    engines[name] = engine;
    expect(reason).toMatch(
      engine === "evaluator" ? /^the bits of ONNX Runtime/ : /^node "|^it takes text$/,
    );
  }
  expect(engines).toEqual({
    "diabetes-boosting": "evaluator",
    "diabetes-ridge": "onnxruntime",
    "iris-forest": "evaluator",
    "iris-logistic": "onnxruntime",
    "iris-mlp": "onnxruntime",
    "penguins-forest": "evaluator",
    "penguins-logistic": "onnxruntime",
    "speeches-logistic": "onnxruntime",
    "speeches-svd": "onnxruntime",
    "wine-forest": "evaluator",
  });
});

test("ONNX Runtime computes all where it is asked for", async () => {
  const { files } = await shipped("iris-forest");
  expect(await chooseEngine(files, iris, "onnxruntime")).toEqual({
    name: "onnxruntime",
    reason: "INFERENCE_ENGINE is onnxruntime",
  });
});

/** Runs of the evaluator before the placed rows: golden rows in batches of 1,000, then 140 of them seven by seven and one by one. */
const goldenRuns = (rows: number) => Math.ceil(rows / 1000) + 20 + 140;

test.each([
  ["a golden one", () => 1, "golden rows, the rows from row 0"],
  [
    "a placed one",
    (rows: number) => goldenRuns(rows) + 2,
    "rows placed on thresholds, the rows from row 1000",
  ],
])("one row that differs leaves a model to ONNX Runtime: %s", async (_which, runOf, where) => {
  const { files } = await shipped("iris-forest");
  const run = runOf(files.golden.length);
  const evaluate = await import("@sepal/evaluator/evaluate");
  const { createEvaluator } = evaluate;
  let runs = 0;
  const spy = vi.spyOn(evaluate, "createEvaluator").mockImplementation((model) => {
    const evaluator = createEvaluator(model);
    return {
      ...evaluator,
      evaluate(features, rows) {
        const result = evaluator.evaluate(features, rows);
        runs += 1;
        if (runs === run) result.values[0] = Math.fround((result.values[0] ?? 0) + 1e-7);
        return result;
      },
    };
  });
  const { name, reason } = await chooseEngine(files, iris, "auto");
  spy.mockRestore();
  expect(name).toBe("onnxruntime");
  expect(reason).toBe(`the evaluator gives other bits: ${where}`);
});
