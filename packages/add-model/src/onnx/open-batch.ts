import { ATTRIBUTE, ELEMENT, GRAPH, NODE, TENSOR } from "@sepal/evaluator/onnx/onnx-fields";
import {
  bytesField,
  contents,
  integerField,
  messageField,
  readMessage,
  textField,
  texts,
  type WireField,
  type WireMessage,
} from "@sepal/evaluator/onnx/wire-message";
import { constantTexts, type OnnxModel } from "./onnx-model.ts";

/** The constant shape of a Reshape with the number of rows left open; the same where it begins with another number. */
function openShape(tensor: WireMessage, batch: number): WireMessage {
  const sizes = constantTexts(tensor);
  const [first, ...others] = sizes ?? [];
  if (sizes === undefined || first !== String(batch)) return tensor;
  // -1 may stand once; 0 takes the size of the tensor that is reshaped.
  const open = others.includes("-1") ? "0" : "-1";
  const data = BigInt64Array.from([open, ...others], BigInt);
  return [
    integerField(TENSOR.dims, sizes.length),
    integerField(TENSOR.dataType, ELEMENT.int64),
    ...texts(tensor, TENSOR.name).map((name) => textField(TENSOR.name, name)),
    bytesField(TENSOR.rawData, new Uint8Array(data.buffer)),
  ];
}

/**
 * The graph of a model that takes a fixed number of rows, with that number left open where a Reshape has it in a constant.
 *
 * Whether it then computes the same is for the caller to verify.
 */
export function openBatch({ graph, nodes }: OnnxModel, batch: number): WireMessage {
  const shapes = new Set(
    nodes.flatMap(({ operator, inputs: [, shape] }) =>
      operator === "Reshape" && shape !== undefined ? [shape] : [],
    ),
  );
  const openTensor = ({ no, data }: WireField) =>
    messageField(no, openShape(readMessage(data), batch));
  return graph.map((field) => {
    const { no, data } = field;
    if (no === GRAPH.initializer) {
      const [name = ""] = texts(readMessage(data), TENSOR.name);
      return shapes.has(name) ? openTensor(field) : field;
    }
    if (no !== GRAPH.node) return field;
    const node = readMessage(data);
    const [operator] = texts(node, NODE.opType);
    const [output = ""] = texts(node, NODE.output);
    if (operator !== "Constant" || !shapes.has(output)) return field;
    const opened = node.map((part) => {
      if (part.no !== NODE.attribute) return part;
      const attribute = readMessage(part.data);
      if (contents(attribute, ATTRIBUTE.tensor).length === 0) return part;
      return messageField(
        NODE.attribute,
        attribute.map((each) => (each.no === ATTRIBUTE.tensor ? openTensor(each) : each)),
      );
    });
    return messageField(GRAPH.node, opened);
  });
}
