import { Refusal } from "../refusal.ts";
import {
  ATTRIBUTE,
  ELEMENT,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  TENSOR,
  VALUE_INFO,
} from "@sepal/evaluator/onnx/onnx-fields";
import {
  contents,
  integers,
  readMessage,
  texts,
  type WireField,
  type WireMessage,
  messageField,
  writeMessage,
} from "@sepal/evaluator/onnx/wire-message";

/** One operator of a graph. */
export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly fields: WireMessage;
}

/** An ONNX file as far as it is looked into. */
export interface OnnxModel {
  readonly fields: WireMessage;
  readonly graph: WireMessage;
  readonly nodes: readonly OnnxNode[];
}

function readNode(bytes: Uint8Array): OnnxNode {
  const fields = readMessage(bytes);
  const [operator = ""] = texts(fields, NODE.opType);
  return {
    operator,
    inputs: texts(fields, NODE.input),
    outputs: texts(fields, NODE.output),
    fields,
  };
}

/** Reads an ONNX file; refuses bytes that are none. */
export function readOnnx(bytes: Uint8Array, path: string): OnnxModel {
  try {
    const fields = readMessage(bytes);
    const [graph] = contents(fields, MODEL.graph);
    if (graph === undefined) throw new Error("it has no graph");
    return withGraph({ fields }, readMessage(graph));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${path}: is not an ONNX file: ${reason}`, { cause: error });
  }
}

/** A model with another graph. */
export function withGraph({ fields }: Pick<OnnxModel, "fields">, graph: WireMessage): OnnxModel {
  return {
    fields: fields.map((field) =>
      field.no === MODEL.graph ? messageField(MODEL.graph, graph) : field,
    ),
    graph,
    nodes: contents(graph, GRAPH.node).map(readNode),
  };
}

/** The bytes of a model. */
export function onnxBytes({ fields }: OnnxModel): Uint8Array {
  return writeMessage(fields);
}

/** Name of the tensor that a field of the graph describes. */
export function valueName({ data }: WireField): string {
  return texts(readMessage(data), VALUE_INFO.name)[0] ?? "";
}

/** Names of the outputs that a graph declares. */
export function outputNames({ graph }: OnnxModel): string[] {
  return graph.filter(({ no }) => no === GRAPH.output).map(valueName);
}

/** The node that computes a tensor. */
export function producerOf({ nodes }: OnnxModel, tensor: string): OnnxNode | undefined {
  return nodes.find(({ outputs }) => outputs.includes(tensor));
}

/** Operators that hand their first input on, in another shape or type. */
const CARRIERS = new Set(["Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten"]);

/** The node whose result a tensor holds, perhaps in another shape or type. */
export function sourceOf(model: OnnxModel, tensor: string): OnnxNode | undefined {
  let node = producerOf(model, tensor);
  for (
    let steps = 0;
    node !== undefined && CARRIERS.has(node.operator) && steps < 100;
    steps += 1
  ) {
    node = producerOf(model, node.inputs[0] ?? "");
  }
  return node;
}

/** Version of an operator set that the model imports. */
export function opsetOf({ fields }: OnnxModel, domain: string): number | undefined {
  const names = domain === "" ? ["", "ai.onnx"] : [domain];
  const found = contents(fields, MODEL.opsetImport)
    .map(readMessage)
    .find((opset) => names.includes(texts(opset, OPSET.domain)[0] ?? ""));
  const [version] = found === undefined ? [] : integers(found, OPSET.version);
  return version === undefined ? undefined : Number(version);
}

/** An attribute of a node, by its name. */
function attributeOf({ fields }: OnnxNode, name: string): WireMessage | undefined {
  return contents(fields, NODE.attribute)
    .map(readMessage)
    .find((attribute) => texts(attribute, ATTRIBUTE.name)[0] === name);
}

/** Elements of a constant tensor of texts or whole numbers, as texts; `undefined` for others. */
export function constantTexts(tensor: WireMessage): string[] | undefined {
  const element = Number(integers(tensor, TENSOR.dataType)[0]);
  if (element === ELEMENT.string) return texts(tensor, TENSOR.stringData);
  const [raw] = contents(tensor, TENSOR.rawData);
  const view = raw && new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const read = (size: number, at: (view: DataView, place: number) => string) =>
    view && Array.from({ length: view.byteLength / size }, (_, index) => at(view, index * size));
  if (element === ELEMENT.int64) {
    const listed = integers(tensor, TENSOR.int64Data).map(String);
    return read(8, (each, place) => String(each.getBigInt64(place, true))) ?? listed;
  }
  if (element === ELEMENT.int32) {
    const listed = integers(tensor, TENSOR.int32Data).map(String);
    return read(4, (each, place) => String(each.getInt32(place, true))) ?? listed;
  }
  return undefined;
}

/** The constant that a name stands for: an initializer, or the value of a Constant node. */
function constantOf(model: OnnxModel, name: string): WireMessage | undefined {
  const initializer = contents(model.graph, GRAPH.initializer)
    .map(readMessage)
    .find((tensor) => texts(tensor, TENSOR.name)[0] === name);
  if (initializer !== undefined) return initializer;
  const node = producerOf(model, name);
  const value = node?.operator === "Constant" ? attributeOf(node, "value") : undefined;
  const [tensor] = value === undefined ? [] : contents(value, ATTRIBUTE.tensor);
  return tensor && readMessage(tensor);
}

/** The list of texts or whole numbers in the first attribute that has one. */
export function listOf(node: OnnxNode, names: readonly string[]): readonly string[] | undefined {
  for (const name of names) {
    const attribute = attributeOf(node, name);
    if (attribute === undefined) continue;
    const strings = texts(attribute, ATTRIBUTE.strings);
    const numbers = integers(attribute, ATTRIBUTE.integers).map(String);
    const found = strings.length > 0 ? strings : numbers;
    if (found.length > 0) return found;
  }
  return undefined;
}

const LABEL_LISTS = ["classlabels_strings", "classlabels_int64s", "classlabels_ints"];

/** Labels of the classes, in the order of the columns of probabilities, as a ZipMap has them. */
export function labelsOfZipMap(model: OnnxModel): readonly string[] | undefined {
  const zip = model.nodes.find(({ operator }) => operator === "ZipMap");
  return zip && listOf(zip, LABEL_LISTS);
}

/** Labels that the model's own label is chosen from, in the order of its classes; `undefined` where the graph does not show them. */
export function labelsBehind(model: OnnxModel, label: string): readonly string[] | undefined {
  const node = sourceOf(model, label);
  if (node === undefined) return undefined;
  if (node.operator === "ArrayFeatureExtractor" || node.operator === "Gather") {
    const tensor = constantOf(model, node.inputs[0] ?? "");
    return tensor && constantTexts(tensor);
  }
  return listOf(node, LABEL_LISTS);
}

const TEXT_LISTS = ["cats_strings", "keys_strings", "classes_strings", "values_strings"];

/** Texts that the operators behind an input compare with: categories that were seen in training, and spellings of a missing one. */
export function textsBehind(model: OnnxModel, input: string): ReadonlySet<string> {
  const known = new Set<string>();
  const reached = new Set([input]);
  for (const node of model.nodes) {
    if (!node.inputs.some((name) => reached.has(name))) continue;
    for (const name of TEXT_LISTS) for (const text of listOf(node, [name]) ?? []) known.add(text);
    for (const name of node.inputs) {
      const tensor = reached.has(name) ? undefined : constantOf(model, name);
      const element = tensor && Number(integers(tensor, TENSOR.dataType)[0]);
      if (tensor && element === ELEMENT.string) {
        for (const text of texts(tensor, TENSOR.stringData)) known.add(text);
      }
    }
    if (listOf(node, TEXT_LISTS) === undefined || /^(?:Where|Concat)$/.test(node.operator)) {
      for (const name of node.outputs) reached.add(name);
    }
  }
  return known;
}

const FAMILIES: readonly (readonly [operator: RegExp, family: string])[] = [
  [/^TreeEnsemble/, "tree ensemble"],
  [/^SVM/, "support vector machine"],
  [/^Linear(?:Classifier|Regressor)$/, "linear model"],
  [/^(?:Gemm|MatMul)$/, "matrix products"],
];

/** What kind of model a graph computes, as far as its operators show. */
export function familyOf({ nodes }: OnnxModel): string {
  const found = FAMILIES.find(([pattern]) => nodes.some(({ operator }) => pattern.test(operator)));
  return found?.[1] ?? "unknown kind";
}
