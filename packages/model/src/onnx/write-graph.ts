import { ATTRIBUTE, GRAPH, INTEGER_ATTRIBUTE, NODE, VALUE_INFO } from "./onnx-fields.ts";
import { integerField, messageField, textField, type WireField } from "./wire-message.ts";

interface NodeParts {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers by the name of their attribute. */
  readonly integers?: Readonly<Record<string, number>>;
  /** Attributes of other kinds. */
  readonly attributes?: readonly WireField[];
}

/** A node of a graph. */
export function nodeField(
  operator: string,
  { inputs, outputs, integers = {}, attributes = [] }: NodeParts,
): WireField {
  const numbers = Object.entries(integers).map(([name, value]) =>
    messageField(NODE.attribute, [
      textField(ATTRIBUTE.name, name),
      integerField(ATTRIBUTE.integer, value),
      integerField(ATTRIBUTE.type, INTEGER_ATTRIBUTE),
    ]),
  );
  return messageField(GRAPH.node, [
    ...inputs.map((name) => textField(NODE.input, name)),
    ...outputs.map((name) => textField(NODE.output, name)),
    textField(NODE.opType, operator),
    ...numbers,
    ...attributes,
  ]);
}

/** A ValueInfoProto: a tensor of an element type; a text is a dimension that is left open. */
export function valueField(
  no: number,
  name: string,
  element: number,
  shape: readonly (number | string)[],
): WireField {
  const dimensions = shape.map((size) =>
    messageField(1, [typeof size === "number" ? integerField(1, size) : textField(2, size)]),
  );
  const tensor = messageField(1, [integerField(1, element), messageField(2, dimensions)]);
  return messageField(no, [
    textField(VALUE_INFO.name, name),
    messageField(VALUE_INFO.type, [tensor]),
  ]);
}
