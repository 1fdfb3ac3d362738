import { withUnit, type Contract, type FeatureSpec } from "@sepal/schema/define-contract";

/** Whether models of a contract give the probability of each class. */
export function hasProbabilities(contract: Contract): boolean {
  return contract.task === "classification" && contract.probabilities !== false;
}

/** A feature's label with its unit, where it has one. */
export function featureTitle(feature: FeatureSpec): string {
  return withUnit(feature.label, feature);
}
