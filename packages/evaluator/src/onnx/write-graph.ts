import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  ELEMENT,
  GRAPH,
  NODE,
  TENSOR,
  VALUE_INFO,
} from "./onnx-fields.ts";
import {
  bytesField,
  integerField,
  messageField,
  packedField,
  textField,
  WireType,
  type WireField,
  type WireMessage,
} from "./wire-message.ts";

function floatField(no: number, value: number): WireField {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setFloat32(0, value, true);
  return { no, type: WireType.Bit32, data };
}

function attribute(name: string, type: number, values: WireMessage): WireField {
  return messageField(NODE.attribute, [
    textField(ATTRIBUTE.name, name),
    ...values,
    integerField(ATTRIBUTE.type, type),
  ]);
}

/** A constant tensor: texts, whole numbers, bytes, single or double floats. */
export interface ConstantTensor {
  readonly dims: readonly number[];
  readonly values: readonly string[] | BigInt64Array | Uint8Array | Float32Array | Float64Array;
}

function elementOf(values: Exclude<ConstantTensor["values"], readonly string[]>): number {
  if (values instanceof Float32Array) return ELEMENT.float;
  if (values instanceof Float64Array) return ELEMENT.double;
  return values instanceof Uint8Array ? ELEMENT.uint8 : ELEMENT.int64;
}

function tensorFields({ dims, values }: ConstantTensor): WireMessage {
  const sizes = dims.map((size) => integerField(TENSOR.dims, size));
  if (ArrayBuffer.isView(values)) {
    const element = elementOf(values);
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return [...sizes, integerField(TENSOR.dataType, element), bytesField(TENSOR.rawData, raw)];
  }
  const texts = values.map((text) => textField(TENSOR.stringData, text));
  return [...sizes, integerField(TENSOR.dataType, ELEMENT.string), ...texts];
}

/** What a node is made of. */
export interface NodeParts {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Domain of the operator; absent for the standard ones. */
  readonly domain?: string;
  /** Whole numbers by the name of their attribute. */
  readonly integers?: Readonly<Record<string, number>>;
  readonly integerLists?: Readonly<Record<string, readonly number[]>>;
  readonly floats?: Readonly<Record<string, number>>;
  readonly floatLists?: Readonly<Record<string, readonly number[]>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly textLists?: Readonly<Record<string, readonly string[]>>;
  readonly tensors?: Readonly<Record<string, ConstantTensor>>;
  /** Attributes of other kinds. */
  readonly attributes?: readonly WireField[];
}

function mapEntries<T>(
  values: Readonly<Record<string, T>> | undefined,
  field: (name: string, value: T) => WireField,
): WireField[] {
  return Object.entries(values ?? {}).map(([name, value]) => field(name, value));
}

/** A node of a graph. */
export function nodeField(operator: string, parts: NodeParts): WireField {
  const { inputs, outputs, domain } = parts;
  return messageField(GRAPH.node, [
    ...inputs.map((name) => textField(NODE.input, name)),
    ...outputs.map((name) => textField(NODE.output, name)),
    textField(NODE.opType, operator),
    ...mapEntries(parts.integers, (name, value) =>
      attribute(name, ATTRIBUTE_TYPE.integer, [integerField(ATTRIBUTE.integer, value)]),
    ),
    ...mapEntries(parts.integerLists, (name, values) =>
      attribute(name, ATTRIBUTE_TYPE.integers, [packedField(ATTRIBUTE.integers, values)]),
    ),
    ...mapEntries(parts.floats, (name, value) =>
      attribute(name, ATTRIBUTE_TYPE.float, [floatField(ATTRIBUTE.float, value)]),
    ),
    ...mapEntries(parts.floatLists, (name, values) =>
      attribute(name, ATTRIBUTE_TYPE.floats, [
        bytesField(ATTRIBUTE.floats, new Uint8Array(Float32Array.from(values).buffer)),
      ]),
    ),
    ...mapEntries(parts.texts, (name, value) =>
      attribute(name, ATTRIBUTE_TYPE.string, [textField(ATTRIBUTE.string, value)]),
    ),
    ...mapEntries(parts.textLists, (name, values) =>
      attribute(
        name,
        ATTRIBUTE_TYPE.strings,
        values.map((value) => textField(ATTRIBUTE.strings, value)),
      ),
    ),
    ...mapEntries(parts.tensors, (name, value) =>
      attribute(name, ATTRIBUTE_TYPE.tensor, [messageField(ATTRIBUTE.tensor, tensorFields(value))]),
    ),
    ...(parts.attributes ?? []),
    ...(domain === undefined ? [] : [textField(NODE.domain, domain)]),
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
