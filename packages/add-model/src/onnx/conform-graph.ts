import {
  ATTRIBUTE,
  ELEMENT,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  TENSOR,
  VALUE_INFO,
} from "@sepal/model/onnx/onnx-fields";
import {
  contents,
  integerField,
  messageField,
  readMessage,
  textField,
  texts,
  type WireField,
  type WireMessage,
  writeMessage,
} from "@sepal/model/onnx/wire-message";
import { nodeField, valueField } from "@sepal/model/onnx/write-graph";
import type { ModelSignature } from "./model-signature.ts";
import type { OnnxModel } from "./onnx-model.ts";

/** The new name of a tensor; the same where it keeps its own. */
type Renaming = (name: string) => string;

function renameText(fields: WireMessage, numbers: readonly number[], rename: Renaming) {
  return fields.map((field) =>
    numbers.includes(field.no)
      ? textField(field.no, rename(new TextDecoder().decode(field.data)))
      : field,
  );
}

function renameInner(
  fields: WireMessage,
  numbers: readonly number[],
  change: (inner: WireMessage) => WireMessage,
) {
  return fields.map((field) =>
    numbers.includes(field.no) ? messageField(field.no, change(readMessage(field.data))) : field,
  );
}

/** Loops and branches hold graphs that see the names around them. */
function renameAttributes(node: WireMessage, rename: Renaming): WireMessage {
  return renameInner(node, [NODE.attribute], (attribute) =>
    renameInner(attribute, [ATTRIBUTE.graph, ATTRIBUTE.graphs], (graph) =>
      renameTensors(graph, rename),
    ),
  );
}

function renameNode(node: WireMessage, rename: Renaming): WireMessage {
  return renameAttributes(renameText(node, [NODE.input, NODE.output], rename), rename);
}

/** Gives tensors of a graph, and of the graphs within it, other names. */
export function renameTensors(graph: WireMessage, rename: Renaming): WireMessage {
  const nodes = renameInner(graph, [GRAPH.node], (node) => renameNode(node, rename));
  const tensors = renameInner(nodes, [GRAPH.initializer], (tensor) =>
    renameText(tensor, [TENSOR.name], rename),
  );
  return renameInner(tensors, [GRAPH.input, GRAPH.output, GRAPH.valueInfo], (value) =>
    renameText(value, [VALUE_INFO.name], rename),
  );
}

/** Names of the tensors that a node may take, those of the graphs within it too. */
function tensorsUsed(node: WireMessage): string[] {
  const used = texts(node, NODE.input);
  renameAttributes(node, (name) => {
    used.push(name);
    return name;
  });
  return used;
}

/** What a graph is brought to. */
interface Target {
  readonly signature: ModelSignature;
  readonly features: number;
  readonly classes: number;
}

/** The standard operators' version where a graph imports none; the oldest in which all that is added takes its form. */
const STANDARD_OPSET = 13;

/** A node of one input and one output with whole numbers as attributes. */
function node(operator: string, input: string, output: string, integers: Record<string, number>) {
  return nodeField(operator, { inputs: [input], outputs: [output], integers });
}

/** Leaves out nodes whose results are not used any more. */
function withoutUnused(graph: WireMessage, outputs: readonly string[]): WireMessage {
  const used = new Set(outputs);
  const kept: WireField[] = [];
  for (const field of graph.toReversed()) {
    if (field.no === GRAPH.node) {
      const fields = readMessage(field.data);
      if (!texts(fields, NODE.output).some((name) => used.has(name))) continue;
      for (const name of tensorsUsed(fields)) used.add(name);
    }
    kept.push(field);
  }
  return kept.toReversed();
}

function nameOf(field: WireField): string {
  return texts(readMessage(field.data), VALUE_INFO.name)[0] ?? "";
}

/**
 * The same model with the tensors that Sepal serves: `features` FLOAT [n, f] in, `class` INT64 [n]
 * and `proba` FLOAT [n, k] out. A ZipMap is cut off, doubles are cast, and where the model's own
 * label is no index the class is the likeliest one.
 */
export function conformGraph(
  model: OnnxModel,
  { signature, features, classes }: Target,
): Uint8Array {
  const { input, proba, label } = signature;
  const ownIndex = label?.datatype === "INT64" && signature.labelIsIndex ? label.name : undefined;
  const renamed = new Map([
    ...(input.datatype === "FP32" ? [[input.name, "features"] as const] : []),
    ...(proba.datatype === "FP32" ? [[proba.name, "proba"] as const] : []),
    ...(ownIndex === undefined ? [] : [[ownIndex, "class"] as const]),
  ]);
  const taken = new Set(["features", "proba", "class"]);
  const rename = (name: string) => renamed.get(name) ?? (taken.has(name) ? `${name}__inner` : name);
  const graph = renameTensors(model.graph, rename);
  const added: WireField[] = [];
  if (proba.datatype !== "FP32") {
    added.push(node("Cast", rename(proba.name), "proba", { to: ELEMENT.float }));
  }
  if (ownIndex === undefined) {
    added.push(node("ArgMax", rename(proba.name), "class", { axis: 1, keepdims: 0 }));
  }
  const first =
    input.datatype === "FP32" ? [] : [node("Cast", "features", rename(input.name), { to: 11 })];
  const inner = graph.filter((field) => {
    if (field.no === GRAPH.output) return false;
    if (field.no !== GRAPH.input && field.no !== GRAPH.valueInfo) return true;
    // Old files list their constants among the inputs.
    return nameOf(field) !== rename(input.name) && !taken.has(nameOf(field));
  });
  const parts = withoutUnused([...first, ...inner, ...added], ["proba", "class"]);
  const whole = [
    ...parts,
    valueField(GRAPH.input, "features", ELEMENT.float, ["n", features]),
    valueField(GRAPH.output, "class", ELEMENT.int64, ["n"]),
    valueField(GRAPH.output, "proba", ELEMENT.float, ["n", classes]),
  ];
  const standard = contents(model.fields, MODEL.opsetImport)
    .map(readMessage)
    .some((opset) => ["", "ai.onnx"].includes(texts(opset, OPSET.domain)[0] ?? ""));
  const fields = model.fields.map((field) =>
    field.no === MODEL.graph ? messageField(MODEL.graph, whole) : field,
  );
  const opset = messageField(MODEL.opsetImport, [integerField(OPSET.version, STANDARD_OPSET)]);
  return writeMessage(standard ? fields : [...fields, opset]);
}
