import { classLabels, type Contract } from "@sepal/schema/define-contract";
import type { Prediction } from "./contract-client.ts";

/**
 * A prediction as the numbers that a plot shows: the probability of each class (1 for the class where a model gives the
 * class alone), or the value of one target.
 */
export function modelOutputs(contract: Contract, prediction: Prediction, target: string): number[] {
  if ("values" in prediction) return [prediction.values[target] ?? Number.NaN];
  if ("embedding" in prediction) return [...prediction.embedding];
  const { proba } = prediction;
  return proba ?? classLabels(contract).map((_, index) => (index === prediction.class ? 1 : 0));
}
