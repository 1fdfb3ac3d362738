import { readFile } from "node:fs/promises";
import { NotEvaluated } from "@sepal/evaluator/evaluator-model";
import { readGraph } from "@sepal/evaluator/read-graph";
import { thresholdsOf } from "@sepal/evaluator/thresholds";
import { describe, expect, test } from "vitest";
import {
  hardRows,
  randomEnsemble,
  randomNewerEnsemble,
  randomNumbers,
  randomShape,
} from "../../test/random-ensembles.ts";
import { findDifference } from "../../test/same-bits.ts";

const models = new URL("../../../../models/", import.meta.url);

async function served(name: string) {
  const onnx = await readFile(new URL(`${name}/1/model.onnx`, models));
  const golden: { groups: { features: number[][] }[] } = JSON.parse(
    await readFile(new URL(`${name}/1/golden.json`, models), "utf8"),
  );
  const rows = golden.groups.flatMap(({ features }) => features);
  return { onnx, golden: Float32Array.from(rows.flat(), (value) => value ?? Number.NaN) };
}

describe("the evaluator gives the bits of ONNX Runtime", () => {
  test.each(["iris-forest", "wine-forest", "penguins-forest", "diabetes-boosting"])(
    "for every golden row of %s, and 2,000 rows on its thresholds and with missing values",
    async (name) => {
      const { onnx, golden } = await served(name);
      expect(await findDifference(onnx, { rows: golden, batches: [1000] })).toBeUndefined();
      const model = readGraph(onnx);
      const features = model.registers[0]?.width ?? 0;
      const rows = hardRows(thresholdsOf(model), { features, rows: 2000 }, randomNumbers(1));
      expect(await findDifference(onnx, { rows, batches: [1, 2000] })).toBeUndefined();
    },
  );

  test("for random ensembles of every kind, or refuses them", async () => {
    let evaluated = 0;
    for (let seed = 1; seed <= 90; seed += 1) {
      const random = randomNumbers(seed);
      const shape = randomShape(random);
      const { onnx, thresholds } = randomEnsemble(shape, random);
      const rows = hardRows(thresholds, { features: shape.features, rows: 70 }, random);
      try {
        const difference = await findDifference(onnx, { rows, batches: [1, 70] });
        expect(difference, `seed ${seed}: ${JSON.stringify(shape)}`).toBeUndefined();
        evaluated += 1;
      } catch (error) {
        if (!(error instanceof NotEvaluated)) throw error;
      }
    }
    expect(evaluated).toBeGreaterThan(70);
  });

  test("for random ensembles of the newer operator, or refuses them", async () => {
    let evaluated = 0;
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = randomNumbers(seed);
      const { onnx, thresholds, features } = randomNewerEnsemble(random);
      const rows = hardRows(thresholds, { features, rows: 70 }, random);
      try {
        const difference = await findDifference(onnx, { rows, batches: [1, 70] });
        expect(difference, `seed ${seed}`).toBeUndefined();
        evaluated += 1;
      } catch (error) {
        if (!(error instanceof NotEvaluated)) throw error;
      }
    }
    expect(evaluated).toBeGreaterThan(25);
  });
});

test.each([
  ["diabetes-ridge", 'node "scores" (Gemm): ONNX Runtime computes it differently'],
  ["iris-logistic", 'node "scores" (Gemm): ONNX Runtime computes it differently'],
])("%s is refused with its node and the reason", async (name, message) => {
  const { onnx } = await served(name);
  expect(() => readGraph(onnx)).toThrow(message);
  expect(() => readGraph(onnx)).toThrow(NotEvaluated);
});
