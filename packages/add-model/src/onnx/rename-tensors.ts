import { ATTRIBUTE, GRAPH, NODE, TENSOR, VALUE_INFO } from "@sepal/model/onnx/onnx-fields";
import {
  messageField,
  readMessage,
  textField,
  texts,
  type WireMessage,
} from "@sepal/model/onnx/wire-message";

/** The new name of a tensor; the same where it keeps its own. */
export type Renaming = (name: string) => string;

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
export function tensorsUsed(node: WireMessage): string[] {
  const used = texts(node, NODE.input);
  renameAttributes(node, (name) => {
    used.push(name);
    return name;
  });
  return used;
}
