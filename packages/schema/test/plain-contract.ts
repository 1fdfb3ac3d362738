import type { Contract } from "../src/define-contract.ts";
import type { PredictionOf } from "../src/predict.ts";

/** A classification of plain numbers with this many features and classes, for sessions that are scripted. */
export function plainContract(features: number, classes: number): Contract {
  return {
    name: "plain",
    title: "Plain",
    description: "Numbers without a meaning.",
    task: "classification",
    features: Array.from({ length: features }, (_, index) => ({
      type: "number",
      name: `x${index}`,
      label: `x${index}`,
    })),
    classes: Array.from({ length: classes }, (_, index) => `class ${index}`),
    examples: [{ name: "zeros", features: Array.from({ length: features }, () => 0) }],
  };
}

/** The class of a prediction; -1 where it has none. */
export function classOf(prediction: PredictionOf<Contract>): number {
  return "class" in prediction ? prediction.class : -1;
}

/** The probabilities of a prediction; none where it has none. */
export function probaOf(prediction: PredictionOf<Contract>): readonly number[] {
  return "proba" in prediction ? (prediction.proba ?? []) : [];
}
