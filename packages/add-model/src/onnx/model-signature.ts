import type { TensorSpec } from "@sepal/model/session/inference-session";
import type { OnnxModel } from "./onnx-model.ts";
import { Refusal } from "../refusal.ts";

/** A tensor of the file. */
interface FileTensor {
  readonly name: string;
  /** `FP32`, `INT64`, or ONNX Runtime's word for another type. */
  readonly datatype: string;
}

/** Which tensors of a file are the features, the probabilities and the model's own label. */
export interface ModelSignature {
  readonly input: FileTensor;
  /** Features that the file declares; -1 where it leaves them open. */
  readonly width: number;
  readonly proba: FileTensor;
  /** Classes that the file declares; -1 where it leaves them open. */
  readonly classes: number;
  readonly label: FileTensor | undefined;
  /** Whether the label counts classes from 0, so that it can be served as it is. */
  readonly labelIsIndex: boolean;
  /** Whether the probabilities are those that a ZipMap took. */
  readonly zipMap: boolean;
}

const NO_ZIPMAP = 'options={id(estimator): {"zipmap": False}}';

function show({ name, datatype, shape }: TensorSpec): string {
  return `${name} ${datatype}${datatype === "not a tensor" ? "" : ` [${shape.join(", ")}]`}`;
}

function findInput(path: string, inputs: readonly TensorSpec[]): TensorSpec {
  const all = inputs.map(show).join("; ");
  const [input, ...others] = inputs;
  if (input === undefined) throw new Refusal(`${path}: the model takes no input`);
  if (others.length > 0) {
    throw new Refusal(
      `${path}: the model takes ${inputs.length} inputs (${all}); all features have to be one tensor FLOAT [n, features]. Export it with one input, such as initial_types=[("X", FloatTensorType([None, ${inputs.length}]))]`,
    );
  }
  if (input.datatype !== "FP32" && input.datatype !== "float64") {
    throw new Refusal(`${path}: input ${show(input)}: features have to be FLOAT or DOUBLE`);
  }
  if (input.shape.length !== 2) {
    throw new Refusal(`${path}: input ${show(input)}: its shape has to be [n, features]`);
  }
  if (input.shape[0] !== -1) {
    throw new Refusal(
      `${path}: input ${show(input)}: the model takes ${input.shape[0]} rows at a time; leave the number of rows open, as in FloatTensorType([None, ${input.shape[1]}])`,
    );
  }
  return input;
}

function isNumber({ datatype }: TensorSpec): boolean {
  return datatype === "FP32" || datatype === "float64";
}

/** Finds the tensors of a file by their use; rejects a model that is no classifier of rows, with the remedy. */
export function findSignature(
  path: string,
  model: OnnxModel,
  {
    inputs,
    outputs,
  }: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] },
): Omit<ModelSignature, "labelIsIndex"> {
  const input = findInput(path, inputs);
  const all = outputs.map(show).join("; ");
  const label = outputs.find(({ datatype }) => datatype === "INT64" || datatype === "string");
  const zip = model.nodes.find(
    ({ operator, outputs: [given] }) =>
      operator === "ZipMap" && outputs.some(({ name }) => name === given),
  );
  const common = { input, width: input.shape[1] ?? -1, label };
  const zipped = zip?.inputs[0];
  if (zipped !== undefined) {
    const proba = { name: zipped, datatype: "FP32" };
    return { ...common, proba, classes: -1, zipMap: true };
  }
  const numbers = outputs.filter(isNumber);
  const named = numbers.filter(({ name }) => /prob/i.test(name));
  const found = numbers.length > 1 && named.length === 1 ? named : numbers;
  const [proba, ...others] = found;
  if (proba === undefined) {
    const sequence = outputs.some(({ datatype }) => datatype === "not a tensor");
    throw new Refusal(
      sequence
        ? `${path}: outputs ${all}: probabilities have to leave the model as a tensor [n, classes], not as a sequence. Export it without ZipMap: ${NO_ZIPMAP}`
        : `${path}: outputs ${all}: there are no probabilities FLOAT [n, classes]`,
    );
  }
  if (others.length > 0) {
    throw new Refusal(
      `${path}: outputs ${all}: more than one could be the probabilities; export the model with one of them, or call it "probabilities"`,
    );
  }
  const classes = proba.shape[1] ?? -1;
  if (proba.shape.length > 2 || classes === 1) {
    throw new Refusal(
      `${path}: output ${show(proba)}: ${label === undefined ? "this looks like a regression; Sepal serves classifiers, with" : "there has to be"} one probability a class, [n, classes]`,
    );
  }
  return { ...common, proba, classes, zipMap: false };
}
