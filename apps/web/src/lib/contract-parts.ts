import {
  withUnit,
  type Contract,
  type FeatureSpec,
  type TargetSpec,
} from "@sepal/schema/define-contract";

/** Whether models of a contract give the probability of each class. */
export function hasProbabilities(contract: Contract): boolean {
  return contract.task === "classification" && contract.probabilities !== false;
}

/** The targets of a contract; none but of a regression. */
export function targetsOf(contract: Contract): readonly TargetSpec[] {
  return contract.task === "regression" ? contract.targets : [];
}

/** A feature's label with its unit, where it has one. */
export function featureTitle(feature: FeatureSpec): string {
  return withUnit(feature.label, feature);
}
