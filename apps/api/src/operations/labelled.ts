import type { Prediction } from "@sepal/model/session/decode";
import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";

/** A prediction with the label of its class, as the API answers it. */
export function labelled<const C extends readonly string[]>(
  contract: Contract<readonly FeatureSpec[], C>,
  prediction: Prediction,
) {
  const label: C[number] | undefined = contract.classes[prediction.class];
  if (label === undefined) throw new SepalError("internal", "the model answered an unknown class");
  const { proba, confidence } = prediction;
  return { class: prediction.class, label, proba, confidence };
}
