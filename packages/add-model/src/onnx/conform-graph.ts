import { ELEMENT, GRAPH, MODEL, NODE, OPSET, VALUE_INFO } from "@sepal/model/onnx/onnx-fields";
import {
  contents,
  integerField,
  messageField,
  readMessage,
  texts,
  writeMessage,
} from "@sepal/model/onnx/wire-message";
import type { WireField, WireMessage } from "@sepal/model/onnx/wire-message";
import { nodeField, valueField } from "@sepal/model/onnx/write-graph";
import type { ModelSignature } from "./model-signature.ts";
import type { OnnxModel } from "./onnx-model.ts";
import { renameTensors, tensorsUsed } from "./rename-tensors.ts";

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

/** Leaves out nodes whose results nobody takes any more. */
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
