import { ELEMENT, GRAPH, NODE } from "@sepal/evaluator/onnx/onnx-fields";
import { textField, texts, type WireField } from "@sepal/evaluator/onnx/wire-message";
import { messageField } from "@sepal/evaluator/onnx/wire-message";
import { nodeField } from "@sepal/evaluator/onnx/write-graph";
import { withGraph, type OnnxModel, type OnnxNode } from "./onnx-model.ts";

const PRODUCTS = new Set(["MatMul", "Gemm"]);

function isProduct({ operator, fields }: OnnxNode): boolean {
  return PRODUCTS.has(operator) && ["", undefined].includes(texts(fields, NODE.domain)[0]);
}

function cast(input: string, output: string, to: number): WireField {
  return nodeField("Cast", { inputs: [input], outputs: [output], integers: { to } });
}

function precise(node: OnnxNode): WireField[] {
  const [output = ""] = node.outputs;
  const wide = (index: number) => `${output}__wide_${index}`;
  const casts = node.inputs.flatMap((name, index) =>
    name === "" ? [] : [cast(name, wide(index), ELEMENT.double)],
  );
  let input = -1;
  const fields = node.fields.map((field) => {
    if (field.no === NODE.output) return textField(NODE.output, wide(-1));
    if (field.no !== NODE.input) return field;
    input += 1;
    return node.inputs[input] === "" ? field : textField(NODE.input, wide(input));
  });
  return [...casts, messageField(GRAPH.node, fields), cast(wide(-1), output, ELEMENT.float)];
}

/**
 * The model with its matrix products computed in float64, each result rounded to float32 once; `undefined` where it has
 * none. Libraries add up in another order than ONNX Runtime: in float32 that alone is 1.6e-5 of a probability.
 */
export function withPreciseProducts(model: OnnxModel): OnnxModel | undefined {
  if (!model.nodes.some(isProduct)) return undefined;
  let place = -1;
  const graph = model.graph.flatMap((field) => {
    if (field.no !== GRAPH.node) return [field];
    place += 1;
    const node = model.nodes[place];
    return node !== undefined && isProduct(node) ? precise(node) : [field];
  });
  return withGraph(model, graph);
}
