import { ATTRIBUTE, ATTRIBUTE_TYPE, GRAPH, NODE } from "@sepal/evaluator/onnx/onnx-fields";
import {
  integerField,
  messageField,
  readMessage,
  textField,
  texts,
  type WireField,
} from "@sepal/evaluator/onnx/wire-message";
import { withGraph, type OnnxModel } from "./onnx-model.ts";

/** Operator that changes the case of texts by the rules of a locale, `en_US.UTF-8` unless its attribute names another. */
const NORMALIZER = "StringNormalizer";

const LOCALE = messageField(NODE.attribute, [
  textField(ATTRIBUTE.name, "locale"),
  textField(ATTRIBUTE.string, "C"),
  integerField(ATTRIBUTE.type, ATTRIBUTE_TYPE.string),
]);

function isLocale({ no, data }: WireField): boolean {
  return no === NODE.attribute && texts(readMessage(data), ATTRIBUTE.name)[0] === "locale";
}

/** The model with the locale `C`, which every machine has; ONNX Runtime opens no file whose locale is not installed. */
export function withPlainLocale(model: OnnxModel): OnnxModel {
  if (!model.nodes.some(({ operator }) => operator === NORMALIZER)) return model;
  let place = -1;
  const graph = model.graph.map((field) => {
    if (field.no !== GRAPH.node) return field;
    place += 1;
    const node = model.nodes[place];
    if (node?.operator !== NORMALIZER) return field;
    const others = node.fields.filter((each) => !isLocale(each));
    return messageField(GRAPH.node, [...others, LOCALE]);
  });
  return withGraph(model, graph);
}
