import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";

/** Name of the one input that holds all features of a row, where they are all numbers. */
export const FEATURES = "features";

/** Element types of the inputs. */
type InputType = "FP32" | "INT64" | "BOOL" | "BYTES";

/** A tensor as the metadata of a model name it; -1 is the number of rows. */
export interface ModelTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** Whether all features stand in one input: they must where rows are lists, and may where all are numbers. */
export function takesFeatures({ features, rows }: Contract): "must" | "may" | "not" {
  if (rows === "list") return "must";
  const numbers = features.every(
    ({ type, name }) => (type === "number" || type === "integer") && name !== FEATURES,
  );
  return numbers ? "may" : "not";
}

/** Element type of a feature's own input: a missing number, integer or boolean is NaN. */
export function inputType({ type, nullable = false }: FeatureSpec): InputType {
  if (type === "category" || type === "text") return "BYTES";
  if (type === "number" || nullable) return "FP32";
  return type === "integer" ? "INT64" : "BOOL";
}

/** The inputs of a contract's models. */
export function inputTensors(contract: Contract): ModelTensor[] {
  const { features } = contract;
  if (takesFeatures(contract) === "must") {
    return [{ name: FEATURES, datatype: "FP32", shape: [-1, features.length] }];
  }
  return features.map((feature) => {
    return { name: feature.name, datatype: inputType(feature), shape: [-1] };
  });
}

/** The outputs of a contract's models. */
export function outputTensors(contract: Contract): ModelTensor[] {
  if (contract.task === "regression") {
    return contract.targets.map(({ name }) => ({ name, datatype: "FP32", shape: [-1] }));
  }
  if (contract.task === "embedding") {
    return [{ name: "embedding", datatype: "FP32", shape: [-1, contract.dimensions] }];
  }
  const label = { name: "class", datatype: "INT64", shape: [-1] };
  if (contract.probabilities === false) return [label];
  return [label, { name: "proba", datatype: "FP32", shape: [-1, contract.classes.length] }];
}
