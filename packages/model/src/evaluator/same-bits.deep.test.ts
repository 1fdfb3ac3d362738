import { NotEvaluated } from "@sepal/evaluator/evaluator-model";
import { expect, test } from "vitest";
import { POST_TRANSFORMS, postTransformDifference } from "../../test/post-transforms.ts";
import {
  hardRows,
  randomEnsemble,
  randomNumbers,
  randomShape,
} from "../../test/random-ensembles.ts";
import { findDifference } from "../../test/same-bits.ts";

test.each(POST_TRANSFORMS)(
  "%s has the bits of ONNX Runtime for 200,000 sums",
  async (_name, shape) => {
    expect(await postTransformDifference(shape, 200_000, 12)).toBeUndefined();
  },
);

test("1,000 random ensembles have the bits of ONNX Runtime, or are refused", async () => {
  let evaluated = 0;
  for (let seed = 1001; seed <= 2000; seed += 1) {
    const random = randomNumbers(seed);
    const shape = randomShape(random);
    const { onnx, thresholds } = randomEnsemble(shape, random);
    const rows = hardRows(thresholds, { features: shape.features, rows: 500 }, random);
    try {
      const difference = await findDifference(onnx, { rows, batches: [1, 63, 64, 65, 500] });
      expect(difference, `seed ${seed}: ${JSON.stringify(shape)}`).toBeUndefined();
      evaluated += 1;
    } catch (error) {
      if (!(error instanceof NotEvaluated)) throw error;
    }
  }
  expect(evaluated).toBeGreaterThan(800);
}, 600_000);
