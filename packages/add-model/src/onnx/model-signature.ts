import { GRAPH, VALUE_INFO } from "@sepal/evaluator/onnx/onnx-fields";
import { messageField, textField } from "@sepal/evaluator/onnx/wire-message";
import { NO_TENSOR, type TensorSpec } from "@sepal/model/session/inference-session";
import {
  labelsBehind,
  labelsOfZipMap,
  outputNames,
  producerOf,
  sourceOf,
  withGraph,
  type OnnxModel,
} from "./onnx-model.ts";
import { exporterOf } from "./exporter.ts";
import { Refusal } from "../refusal.ts";

/** An input of a file. */
interface ModelInput {
  readonly name: string;
  /** `FP32`, `INT64`, or ONNX Runtime's word for another type. */
  readonly datatype: string;
  /** Dimensions: `[n, width]`, or `[n]` of one column. */
  readonly rank: number;
  /** Columns; -1 where the file leaves them open. */
  readonly width: number;
  /** Rows of an execution; -1 where the file leaves them open. */
  readonly batch: number;
}

/** What the tensors of a file are for. */
export interface ModelSignature {
  readonly inputs: readonly ModelInput[];
  /** Output with the model's own class of a row. */
  readonly label: string | undefined;
  /** Labels that it is chosen from, in the order of the classes, where the graph shows them. */
  readonly labels: readonly string[] | undefined;
  /** Output with probabilities, scores or predicted values. */
  readonly numbers: string | undefined;
  /** Numbers of a row that the file declares; -1 where it leaves them open. */
  readonly width: number;
  /** Operator that computes them. */
  readonly ending: string;
  /** Whether a ZipMap stands at its end. */
  readonly zipMap: boolean;
  /** Outputs that are served by nothing. */
  readonly unserved: readonly string[];
  /** Whether its one input is a text, of which words or letters count, and no category. */
  readonly isText: boolean;
}

/** Operators that work on texts rather than on categories. */
const TEXT_OPERATORS = new Set(["StringNormalizer", "StringSplit", "TfIdfVectorizer", "Tokenizer"]);

/** Refuses a kind of model that Sepal does not serve. */
function refuseKind(path: string, kind: string, why: string): never {
  throw new Refusal(`${path}: ${kind} is not supported yet: ${why}`);
}

/** The tensor of which every one of these outputs is a slice, as a ZipMap with `columns` makes them. */
function slicedTensor(model: OnnxModel, outputs: readonly string[]): string | undefined {
  const slices = outputs.map((name) => sourceOf(model, name));
  const [first] = slices;
  const whole = first?.inputs[0];
  const same = slices.every((node) => node?.operator === "Slice" && node.inputs[0] === whole);
  return outputs.length > 1 && same ? whole : undefined;
}

/**
 * The model with tensors as its outputs: a ZipMap at its end is cut off, whether it makes dictionaries or an output a
 * class. An export of DOUBLE rows opens only without it, and without the types that it declares.
 */
export function cutEnds(model: OnnxModel): OnnxModel {
  const cut = new Map<string, string>();
  for (const name of outputNames(model)) {
    const producer = producerOf(model, name);
    const [given] = producer?.inputs ?? [];
    if (producer?.operator === "ZipMap" && given !== undefined) cut.set(name, given);
  }
  const sliced = outputNames(model).filter((name) => sourceOf(model, name)?.operator === "Slice");
  const whole = slicedTensor(model, sliced);
  if (whole !== undefined) for (const name of sliced) cut.set(name, whole);
  const zips = new Set(model.nodes.filter(({ operator }) => operator === "ZipMap"));
  const places = new Map(
    model.graph
      .filter(({ no }) => no === GRAPH.node)
      .map((field, index) => [field, index] as const),
  );
  const ends = new Set(outputNames(model).map((name) => cut.get(name) ?? name));
  const graph = model.graph.filter((field) => {
    const node = model.nodes[places.get(field) ?? -1];
    return field.no !== GRAPH.output && !(node && zips.has(node));
  });
  // Without a type: ONNX Runtime knows which one the nodes give, and exporters say DOUBLE where it is FLOAT.
  const outputs = [...ends].map((name) =>
    messageField(GRAPH.output, [textField(VALUE_INFO.name, name)]),
  );
  return withGraph(model, [...graph, ...outputs]);
}

/** Rejects what the operators alone rule out, before ONNX Runtime opens the file. */
export function requireServable(path: string, model: OnnxModel): void {
  for (const name of outputNames(model)) {
    if (producerOf(model, name)?.operator === "SequenceConstruct") {
      refuseKind(
        path,
        "a multilabel classifier",
        `output ${name} has probabilities of several labels`,
      );
    }
  }
}

const FEEDABLE = new Set(["FP32", "float64", "INT64", "int32", "bool", "BYTES"]);

function show({ name, datatype, shape }: TensorSpec): string {
  return `${name} ${datatype}${datatype === NO_TENSOR ? "" : ` [${shape.join(", ")}]`}`;
}

function readInput(path: string, model: OnnxModel, spec: TensorSpec): ModelInput {
  const { name, datatype, shape } = spec;
  const remedy = `export it with one input FLOAT [n, features]: ${exporterOf(model).remedies.columns}`;
  if (!FEEDABLE.has(datatype)) {
    throw new Refusal(
      `${path}: input ${show(spec)}: features have to be FLOAT, DOUBLE, INT64, INT32, BOOL or STRING; ${remedy}`,
    );
  }
  if (shape.length !== 1 && shape.length !== 2) {
    throw new Refusal(`${path}: input ${show(spec)}: its shape has to be [n, features]; ${remedy}`);
  }
  const [batch = -1, width = 1] = shape;
  return { name, datatype, rank: shape.length, width, batch: batch === 0 ? -1 : batch };
}

function isNumber({ datatype }: TensorSpec): boolean {
  return datatype === "FP32" || datatype === "float64";
}

function findNumbers(
  path: string,
  model: OnnxModel,
  outputs: readonly TensorSpec[],
  hasLabel: boolean,
): TensorSpec | undefined {
  const numbers = outputs.filter(isNumber);
  const named = numbers.filter(({ name }) => /prob/i.test(name));
  const zipped = numbers.filter(({ name }) => /^(?:scores|probabilit)/i.test(name));
  const found = [named, zipped, numbers].find(({ length }) => length === 1);
  if (found !== undefined) return found[0];
  if (numbers.length === 0 && hasLabel) return undefined;
  const all = outputs.map(show).join("; ");
  const remedy = `export it with ${exporterOf(model).remedies.probabilities}`;
  throw new Refusal(
    numbers.length === 0
      ? `${path}: outputs ${all}: none is a tensor of a class, of probabilities or of values; ${remedy}`
      : `${path}: outputs ${all}: more than one could be the prediction; export the model with one of them, or call it "probabilities"`,
  );
}

/** The one input of a model of texts; refuses another beside it. */
function textInput(path: string, inputs: readonly ModelInput[]): ModelInput {
  const [input, other] = inputs;
  const text = input?.datatype === "BYTES" && input.width <= 1 ? input : undefined;
  if (text !== undefined && other === undefined) return { ...text, width: 1 };
  const all = inputs.map(({ name, width }) => `${name} (${width})`).join(", ");
  throw new Refusal(
    `${path}: it reads texts, and its inputs are ${all}: a contract has one text and nothing else; export a pipeline of the text's column alone`,
  );
}

/** Finds the tensors of a file by their use; refuses a kind of model that is not served. */
export function findSignature(
  path: string,
  model: OnnxModel,
  tensors: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] },
): ModelSignature {
  const given = tensors.inputs.map((spec) => readInput(path, model, spec));
  const isText = model.nodes.some(({ operator }) => TEXT_OPERATORS.has(operator));
  const inputs = isText ? [textInput(path, given)] : given;
  if (inputs.length === 0) throw new Refusal(`${path}: the model takes no input`);
  const batches = new Set(inputs.map(({ batch }) => batch));
  if (batches.size > 1) {
    throw new Refusal(
      `${path}: inputs ${tensors.inputs.map(show).join("; ")}: they take different numbers of rows; export it with ${exporterOf(model).remedies.batch}`,
    );
  }
  const { outputs } = tensors;
  const label = outputs.find(({ datatype }) =>
    ["INT64", "int32", "bool", "BYTES"].includes(datatype),
  );
  if (label !== undefined && (label.shape[1] ?? 1) > 1) {
    refuseKind(path, "a multilabel classifier", `output ${show(label)} has several labels a row`);
  }
  const labels = label && (labelsOfZipMap(model) ?? labelsBehind(model, label.name));
  const source = label && sourceOf(model, label.name);
  if (label && labels === undefined && source?.operator === "ArgMin") {
    refuseKind(path, "clustering", `output ${show(label)} is the nearest of its centres`);
  }
  const isEstimator = exporterOf(model).name.startsWith("scikit-learn");
  if (label && labels === undefined && isEstimator && source?.operator === "ArgMax") {
    refuseKind(path, "clustering", `output ${show(label)} counts components, which have no labels`);
  }
  const numbers = findNumbers(path, model, outputs, label !== undefined);
  const used = new Set([label, numbers]);
  return {
    inputs,
    label: label?.name,
    labels,
    numbers: numbers?.name,
    width: numbers === undefined ? -1 : numbers.shape.length === 1 ? 1 : (numbers.shape[1] ?? -1),
    ending: (numbers && sourceOf(model, numbers.name)?.operator) ?? "",
    zipMap: model.nodes.some(({ operator }) => operator === "ZipMap"),
    unserved: outputs.filter((output) => !used.has(output)).map(({ name }) => name),
    isText,
  };
}
