import { readFile } from "node:fs/promises";
import { createEvaluator, type Evaluator } from "@sepal/evaluator/evaluate";
import { NotEvaluated } from "@sepal/evaluator/evaluator-model";
import { readGraph, readLinear } from "@sepal/evaluator/read-graph";
import { shapleyValues } from "@sepal/evaluator/shapley";
import { describe, expect, test } from "vitest";
import {
  hardRows,
  randomEnsemble,
  randomNumbers,
  randomShape,
} from "../../test/random-ensembles.ts";
import { createInferenceSession } from "../session/inference-session.ts";

const root = new URL("../../../../", import.meta.url);

/** Shapley values by every coalition of the features. */
function byCoalitions(evaluator: Evaluator, row: Float32Array, background: Float32Array) {
  const { width, outputs } = evaluator;
  const rows = background.length / width;
  const means = Array.from({ length: 2 ** width }, (_, coalition) => {
    const mixed = background.map((value, at) =>
      (coalition >> (at % width)) & 1 ? (row[at % width] ?? 0) : value,
    );
    const { values } = evaluator.evaluate(mixed, rows);
    return Float64Array.from({ length: outputs }, (_, output) => {
      let sum = 0;
      for (let at = output; at < values.length; at += outputs) sum += values[at] ?? 0;
      return sum / rows;
    });
  });
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const size = (coalition: number) => coalition.toString(2).replaceAll("0", "").length;
  const contributions = new Float64Array(width * outputs);
  for (const [coalition, mean] of means.entries()) {
    for (let feature = 0; feature < width; feature += 1) {
      const joined = coalition | (1 << feature);
      if (joined === coalition) continue;
      const others = size(coalition);
      const share = (factorial(others) * factorial(width - others - 1)) / factorial(width);
      for (let output = 0; output < outputs; output += 1) {
        const place = feature * outputs + output;
        contributions[place] =
          (contributions[place] ?? 0) +
          share * ((means[joined]?.[output] ?? 0) - (mean[output] ?? 0));
      }
    }
  }
  return { base: means[0] ?? new Float64Array(outputs), contributions };
}

function farthest(found: Float64Array, expected: ArrayLike<number>): number {
  return Math.max(...found.map((value, at) => Math.abs(value - (expected[at] ?? Number.NaN))));
}

test("tree ensembles of every kind are explained as by every coalition", () => {
  let explained = 0;
  for (let seed = 1; seed <= 70; seed += 1) {
    const random = randomNumbers(seed);
    const shape = randomShape(random);
    const { onnx, thresholds } = randomEnsemble(shape, random);
    const { features } = shape;
    try {
      // Without the bounds of probabilities, which are no part of a sum.
      const read = readGraph(onnx);
      const model = { ...read, results: { ...read.results, probabilities: false } };
      const evaluator = createEvaluator(model);
      const background = hardRows(thresholds, { features, rows: 5 }, random);
      const row = hardRows(thresholds, { features, rows: 1 }, random);
      const found = shapleyValues(model, row, background);
      if (found === undefined) continue;
      const expected = byCoalitions(evaluator, row, background);
      const scale = Math.max(
        1,
        ...expected.base.map(Math.abs),
        ...expected.contributions.map(Math.abs),
      );
      const why = `seed ${seed}: ${JSON.stringify(shape)}`;
      expect(farthest(found.contributions, expected.contributions) / scale, why).toBeLessThan(1e-6);
      expect(farthest(found.base, expected.base) / scale, why).toBeLessThan(1e-6);
      explained += 1;
    } catch (error) {
      if (!(error instanceof NotEvaluated)) throw error;
    }
  }
  expect(explained).toBeGreaterThan(15);
});

async function readJson(path: string) {
  return JSON.parse(await readFile(new URL(path, root), "utf8"));
}

async function columnsOf(dataset: string, features: number) {
  const [, ...lines] = (await readFile(new URL(`models/datasets/${dataset}.csv`, root), "utf8"))
    .trim()
    .split("\n");
  return Float32Array.from(
    lines.flatMap((line) => line.split(",").slice(0, features)),
    Number,
  );
}

describe("values of the Python package shap, within 1e-6", () => {
  test("iris-forest, by its exact explainer", async () => {
    const model = readGraph(await readFile(new URL("models/iris-forest/1/model.onnx", root)));
    const background = await columnsOf("iris", 4);
    const { rows, models } = await readJson("packages/model/test/fixtures/shap.json");
    const { base, contributions } = models["iris-forest"];
    for (const [index, row] of rows.entries()) {
      const found = shapleyValues(model, Float32Array.from(row), background);
      expect(found?.method).toBe("tree");
      expect(farthest(found?.base ?? new Float64Array(3), base)).toBeLessThan(1e-6);
      expect(
        farthest(found?.contributions ?? new Float64Array(12), contributions[index].flat()),
      ).toBeLessThan(1e-6);
    }
  });
});

test("wine-forest has the values of shap's TreeExplainer, of 13 features and 178 rows, within 1e-6", async () => {
  const model = readGraph(await readFile(new URL("models/wine-forest/1/model.onnx", root)));
  const background = await columnsOf("wine", 13);
  const fixture = await readJson("packages/model/test/fixtures/tree_shap.json");
  for (const [index, row] of fixture.rows.entries()) {
    const found = shapleyValues(model, Float32Array.from(row), background);
    expect(farthest(found?.base ?? new Float64Array(3), fixture.base)).toBeLessThan(1e-6);
    const { contributions = new Float64Array(39) } = found ?? {};
    expect(farthest(contributions, fixture.contributions[index].flat())).toBeLessThan(1e-6);
  }
});

test("a linear model is explained in closed form, with its imputers and scalers", async () => {
  const onnx = await readFile(new URL("models/diabetes-ridge/1/model.onnx", root));
  const session = await createInferenceSession(onnx);
  const { groups } = await readJson("models/diabetes-ridge/1/golden.json");
  const rows: number[][] = groups[0].features.slice(0, 40);
  const [first = [], ...others] = rows;
  const [row, background] = [Float32Array.from(first), Float32Array.from(others.flat())];
  const found = shapleyValues(readLinear(onnx), row, background);
  const means = await session.run(background, first.length);
  const mean = means.values.reduce((sum, value) => sum + value, 0) / others.length;
  const prediction = await session.run(row, first.length);
  await session.release();
  expect(found?.method).toBe("linear");
  const [base = Number.NaN] = found?.base ?? [];
  expect(base).toBeCloseTo(mean, 4);
  const total = found?.contributions.reduce((sum, value) => sum + value, base) ?? Number.NaN;
  expect(Math.abs(total - (prediction.values[0] ?? 0))).toBeLessThan(1e-5);
});

test("what is no weighted sum of leaves is left to other methods", () => {
  const random = randomNumbers(5);
  const { onnx } = randomEnsemble(
    {
      operator: "TreeEnsembleClassifier",
      features: 2,
      outputs: 3,
      trees: 3,
      depth: 2,
      modes: ["BRANCH_LEQ"],
      missing: false,
      postTransform: "SOFTMAX",
      aggregate: "SUM",
      baseValues: 0,
      weights: "all",
      negative: true,
      wide: "no",
      whole: false,
    },
    random,
  );
  expect(shapleyValues(readGraph(onnx), new Float32Array(2), new Float32Array(6))).toBeUndefined();
});
