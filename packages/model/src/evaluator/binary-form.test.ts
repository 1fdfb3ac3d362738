import { readFile } from "node:fs/promises";
import { decodeModel, encodeModel } from "@sepal/evaluator/binary-form";
import { createEvaluator } from "@sepal/evaluator/evaluate";
import type { TreesModel } from "@sepal/evaluator/evaluator-model";
import { readGraph, readLinear } from "@sepal/evaluator/read-graph";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomEnsemble, randomNumbers, randomShape } from "../../test/random-ensembles.ts";

const models = new URL("../../../../models/", import.meta.url);

async function read(name: string): Promise<TreesModel> {
  return readGraph(await readFile(new URL(`${name}/1/model.onnx`, models)));
}

const forest = await read("iris-forest");
const bytes = encodeModel(forest);

test("a model comes back as it was written", async () => {
  expect(decodeModel(bytes)).toEqual(forest);
  expect(decodeModel(encodeModel(await read("penguins-forest")))).toEqual(
    await read("penguins-forest"),
  );
  const ridge = readLinear(await readFile(new URL("diabetes-ridge/1/model.onnx", models)));
  expect(decodeModel(encodeModel(ridge))).toEqual(ridge);
  const random = randomNumbers(2);
  const shape = randomShape(random);
  const model = readGraph(randomEnsemble({ ...shape, modes: ["BRANCH_LT"] }, random).onnx);
  expect(decodeModel(encodeModel(model))).toEqual(model);
});

test("bytes within a larger buffer, at any place, are read", () => {
  const around = new Uint8Array(bytes.length + 3);
  around.set(bytes, 3);
  expect(decodeModel(around.subarray(3))).toEqual(forest);
});

describe("what is not such a model is rejected", () => {
  test("cut anywhere", () => {
    for (let length = 0; length < bytes.length; length += 101) {
      expect(() => decodeModel(bytes.subarray(0, length))).toThrow("not a model");
    }
    expect(() => decodeModel(Uint8Array.from([...bytes, 0]))).toThrow("bytes follow");
  });

  test("of another version", () => {
    const newer = bytes.slice();
    newer[4] = 2;
    expect(() => decodeModel(newer)).toThrow("its version is 2; version 1 is read");
  });

  test("with a branch that leads back, a leaf that is not there, or a feature too many", () => {
    const [step] = forest.steps;
    if (step?.kind !== "trees") throw new Error("no trees");
    const changed = (change: Partial<typeof step>) =>
      encodeModel({ ...forest, steps: [{ ...step, ...change }, ...forest.steps.slice(1)] });
    const filled = (array: Int32Array, value: number) => new Int32Array(array.length).fill(value);
    for (const value of [0, 1_000_000, -1_000_000]) {
      expect(() => decodeModel(changed({ left: filled(step.left, value) }))).toThrow("leads");
    }
    expect(() => decodeModel(changed({ features: filled(step.features, 4) }))).toThrow("leads");
    expect(() => decodeModel(changed({ roots: filled(step.roots, 1_000_000) }))).toThrow("a root");
    const targets = filled(step.leafTargets, 3);
    expect(() => decodeModel(changed({ leafTargets: targets }))).toThrow("leads outside");
  });

  test("with rows of more numbers than a block of them may take", () => {
    const wide = { ...forest, registers: [{ element: "float", width: 1e9 }, ...forest.registers] };
    expect(() => decodeModel(encodeModel(wide as TreesModel))).toThrow("not a whole number below");
  });

  test("with any bytes changed: rejected, or a model that ends its work", () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const broken = bytes.slice();
        for (const [place, value] of changes) broken[place] = value;
        let model;
        try {
          model = decodeModel(broken);
        } catch (error) {
          expect(String(error)).toContain("not a model in the evaluator's form");
          return;
        }
        if (model.kind === "trees") {
          const evaluator = createEvaluator(model);
          evaluator.evaluate(new Float32Array(evaluator.width * 3), 3);
        }
      }),
      { numRuns: 300 },
    );
  });
});
