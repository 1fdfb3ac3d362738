import { postTransformGraphs } from "@sepal/evaluator/post-transform-graph";
import { readGraph } from "@sepal/evaluator/read-graph";
import { randomEnsemble, randomNumbers, type EnsembleShape } from "./random-ensembles.ts";
import { findDifference, type Difference } from "./same-bits.ts";

const shape: EnsembleShape = {
  operator: "TreeEnsembleClassifier",
  features: 3,
  outputs: 3,
  trees: 20,
  depth: 3,
  modes: ["BRANCH_LEQ"],
  missing: false,
  postTransform: "SOFTMAX",
  aggregate: "SUM",
  baseValues: 0,
  weights: "all",
  negative: true,
  wide: "no",
  whole: false,
};

/** Every way in which the results of an ensemble are made of its sums by an exponential. */
export const POST_TRANSFORMS: readonly (readonly [name: string, shape: Partial<EnsembleShape>])[] =
  [
    ["softmax of three classes", {}],
    ["softmax of float64 sums", { wide: "tensors" }],
    [
      "logistic of two classes with one column of weights",
      { postTransform: "LOGISTIC", outputs: 2, weights: "one" },
    ],
    [
      "logistic of several targets",
      { postTransform: "LOGISTIC", operator: "TreeEnsembleRegressor" },
    ],
    ["softmax of what is not 0", { postTransform: "SOFTMAX_ZERO" }],
  ];

/** The first difference between the evaluator and ONNX Runtime over random sums; fails where there are not as many. */
export async function postTransformDifference(
  changed: Partial<EnsembleShape>,
  sums: number,
  seed: number,
): Promise<Difference | undefined> {
  const random = randomNumbers(seed);
  const { onnx } = randomEnsemble({ ...shape, ...changed }, random);
  let compared = 0;
  for (const { onnx: graph, rows } of postTransformGraphs(readGraph(onnx), sums, random)) {
    const difference = await findDifference(graph, { rows, batches: [rows.length] });
    if (difference !== undefined) return difference;
    compared += rows.length;
  }
  if (compared !== sums) throw new Error(`${compared} sums were compared instead of ${sums}`);
  return undefined;
}
