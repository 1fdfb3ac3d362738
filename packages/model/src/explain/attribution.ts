import { classLabels, outputShape, type Contract } from "@sepal/schema/define-contract";
import type { ExplainMethod } from "@sepal/schema/explain";
import { shortestFloat32 } from "@sepal/schema/float32";
import { predictionReader, type InferenceResult } from "@sepal/schema/prediction-reader";

/** Rows of one execution: 0.3 ms of a forest of 50 trees, for which the event loop is blocked. */
export const EXECUTION_ROWS = 512;

/** A prediction, split among its features; an output is the probability of a class or the value of a target. */
export interface Attribution {
  readonly method: ExplainMethod;
  /** `[outputs]`, each the shortest decimal of its float32, as a prediction has it. */
  readonly outputs: number[];
  /** `[outputs]`: the average over the background. */
  readonly base: number[];
  /** `[features, outputs]`; base and contributions add up to the outputs. */
  readonly contributions: number[][];
  /** `[features, outputs]`, of a sample. */
  readonly standardError?: number[][];
  /** Rows that a sample ran. */
  readonly rows?: number;
  readonly computeMs: number;
}

/** How the outputs of a contract's model are read. */
export interface Outputs {
  readonly count: number;
  /** An output of a row: of labels alone whether it is that class. */
  readonly read: (result: InferenceResult, row: number, output: number) => number;
  /** The outputs of the first row as its prediction has them; throws where it has none. */
  readonly own: (result: InferenceResult) => number[];
}

/** Makes the reader of a contract's outputs. */
export function outputsOf(contract: Contract): Outputs {
  const prediction = predictionReader(contract);
  const { width } = outputShape(contract);
  const count = width > 0 ? width : classLabels(contract).length;
  const read: Outputs["read"] =
    width > 0
      ? ({ values }, row, output) => values[row * width + output] ?? NaN
      : (result, row, output) => Number(Number(result.classes[row]) === output);
  return {
    count,
    read,
    own(result) {
      prediction(result, 0);
      return Array.from({ length: count }, (_, output) => shortestFloat32(read(result, 0, output)));
    },
  };
}
