import { NotEvaluated } from "../evaluator-model.ts";
import {
  ATTRIBUTE,
  ELEMENT,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  TENSOR,
  VALUE_INFO,
} from "./onnx-fields.ts";
import {
  contents,
  integers,
  readMessage,
  texts,
  visitFields,
  visitIntegers,
  WireType,
  type WireMessage,
} from "./wire-message.ts";

/** A constant tensor. */
export interface ReadTensor {
  readonly dims: readonly number[];
  /** One of ELEMENT. */
  readonly element: number;
  /** Numbers; empty of texts. */
  readonly values: Float64Array;
  readonly texts: readonly string[];
}

/** A node and its attributes, which are read when they are asked for. */
export interface ReadNode {
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Uint8Array>;
}

/** A model file. */
export interface ReadModel {
  readonly nodes: readonly ReadNode[];
  readonly initializers: ReadonlyMap<string, ReadTensor>;
  /** Declared inputs that are no initializers, with element type and the columns of a row; -1 where they are open. */
  readonly inputs: readonly {
    readonly name: string;
    readonly element: number;
    readonly width: number;
  }[];
  readonly outputs: readonly string[];
  /** Version of an operator set; 0 where it is not imported. */
  opset(domain: string): number;
}

function asNumber(value: number | bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new NotEvaluated(`the whole number ${value} is too large`);
  return number;
}

/** A growing list of numbers. */
class NumberList {
  #values = new Float64Array(16);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  get values(): Float64Array<ArrayBuffer> {
    return this.#values.slice(0, this.#length);
  }
}

/** Reads little-endian numbers of a size. */
function visitFixed(
  bytes: Uint8Array,
  from: number,
  to: number,
  size: 4 | 8,
  visit: (value: number) => void,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, to - from);
  for (let at = 0; at + size <= view.byteLength; at += size) {
    visit(size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
  }
}

const RAW: Readonly<Record<number, { size: number; read(view: DataView, at: number): number }>> = {
  [ELEMENT.float]: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  [ELEMENT.double]: { size: 8, read: (view, at) => view.getFloat64(at, true) },
  [ELEMENT.int32]: { size: 4, read: (view, at) => view.getInt32(at, true) },
  [ELEMENT.int64]: { size: 8, read: (view, at) => asNumber(view.getBigInt64(at, true)) },
  [ELEMENT.uint8]: { size: 1, read: (view, at) => view.getUint8(at) },
  [ELEMENT.bool]: { size: 1, read: (view, at) => view.getUint8(at) },
};

/** Reads a tensor of numbers or texts; throws {@link NotEvaluated} of other kinds. */
function readTensor(bytes: Uint8Array): ReadTensor {
  const fields = readMessage(bytes);
  const dims = integers(fields, TENSOR.dims).map(asNumber);
  const element = asNumber(integers(fields, TENSOR.dataType)[0] ?? 0);
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (element === ELEMENT.string) {
    const found = texts(fields, TENSOR.stringData);
    if (found.length !== size) throw new NotEvaluated("a tensor without its texts");
    return { dims, element, values: new Float64Array(0), texts: found };
  }
  const kind = RAW[element];
  if (kind === undefined) throw new NotEvaluated(`a tensor of element type ${element}`);
  const list = new NumberList();
  for (const { no, type, data } of fields) {
    if (no === TENSOR.rawData) {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      for (let at = 0; at + kind.size <= view.byteLength; at += kind.size) {
        list.push(kind.read(view, at));
      }
    } else if (no === TENSOR.floatData && element === ELEMENT.float) {
      visitFixed(data, 0, data.length, 4, (value) => list.push(value));
    } else if (no === TENSOR.doubleData && element === ELEMENT.double) {
      visitFixed(data, 0, data.length, 8, (value) => list.push(value));
    } else if (no === TENSOR.int32Data || no === TENSOR.int64Data) {
      if (type === WireType.Varint || type === WireType.LengthDelimited) {
        visitIntegers(data, 0, data.length, (value) => list.push(asNumber(value)));
      }
    }
  }
  const { values } = list;
  if (values.length !== size) throw new NotEvaluated("a tensor without its numbers");
  return { dims, element, values, texts: [] };
}

/** The attributes of a node, by name and type. */
export class Attributes {
  readonly #node: ReadNode;

  constructor(node: ReadNode) {
    this.#node = node;
  }

  #visit(
    name: string,
    no: number,
    visit: (bytes: Uint8Array, type: WireType, start: number, end: number) => void,
  ): void {
    const bytes = this.#node.attributes.get(name);
    if (bytes === undefined) return;
    visitFields(bytes, 0, bytes.length, (found, type, start, end) => {
      if (found === no) visit(bytes, type, start, end);
    });
  }

  has(name: string): boolean {
    return this.#node.attributes.has(name);
  }

  integers(name: string): Float64Array<ArrayBuffer> {
    const list = new NumberList();
    this.#visit(name, ATTRIBUTE.integers, (bytes, _type, start, end) => {
      visitIntegers(bytes, start, end, (value) => list.push(asNumber(value)));
    });
    return list.values;
  }

  integer(name: string, fallback: number): number {
    let found = fallback;
    this.#visit(name, ATTRIBUTE.integer, (bytes, _type, start, end) => {
      visitIntegers(bytes, start, end, (value) => (found = asNumber(value)));
    });
    return found;
  }

  floats(name: string): Float64Array<ArrayBuffer> {
    const list = new NumberList();
    this.#visit(name, ATTRIBUTE.floats, (bytes, _type, start, end) => {
      visitFixed(bytes, start, end, 4, (value) => list.push(value));
    });
    return list.values;
  }

  float(name: string, fallback: number): number {
    let found = fallback;
    this.#visit(name, ATTRIBUTE.float, (bytes, _type, start, end) => {
      visitFixed(bytes, start, end, 4, (value) => (found = value));
    });
    return found;
  }

  texts(name: string): string[] {
    const found: string[] = [];
    this.#visit(name, ATTRIBUTE.strings, (bytes, _type, start, end) => {
      found.push(new TextDecoder().decode(bytes.subarray(start, end)));
    });
    return found;
  }

  text(name: string, fallback: string): string {
    let found = fallback;
    this.#visit(name, ATTRIBUTE.string, (bytes, _type, start, end) => {
      found = new TextDecoder().decode(bytes.subarray(start, end));
    });
    return found;
  }

  tensor(name: string): ReadTensor | undefined {
    let found: ReadTensor | undefined;
    this.#visit(name, ATTRIBUTE.tensor, (bytes, _type, start, end) => {
      found = readTensor(bytes.subarray(start, end));
    });
    return found;
  }
}

function readNode(bytes: Uint8Array): ReadNode {
  const fields = readMessage(bytes);
  const attributes = contents(fields, NODE.attribute).map((data) => {
    let name = "";
    visitFields(data, 0, data.length, (no, _type, start, end) => {
      if (no === ATTRIBUTE.name) name = new TextDecoder().decode(data.subarray(start, end));
    });
    return [name, data] as const;
  });
  const [name = ""] = texts(fields, NODE.name);
  const [operator = ""] = texts(fields, NODE.opType);
  const [domain = ""] = texts(fields, NODE.domain);
  const [inputs, outputs] = [texts(fields, NODE.input), texts(fields, NODE.output)];
  return {
    name: name || (outputs[0] ?? ""),
    operator,
    domain: domain === "ai.onnx" ? "" : domain,
    inputs,
    outputs,
    attributes: new Map(attributes),
  };
}

/** Element type and columns of a declared tensor of rows. */
function readValue(bytes: Uint8Array) {
  const fields = readMessage(bytes);
  const [name = ""] = texts(fields, VALUE_INFO.name);
  const [type] = contents(fields, VALUE_INFO.type);
  const [tensor] = type === undefined ? [] : contents(readMessage(type), 1);
  if (tensor === undefined) return { name, element: 0, width: -1 };
  const parts = readMessage(tensor);
  const [shape] = contents(parts, 2);
  const dims = shape === undefined ? [] : contents(readMessage(shape), 1).map(readMessage);
  const [, columns] = dims;
  const [width] = columns === undefined ? [] : integers(columns, 1);
  return {
    name,
    element: asNumber(integers(parts, 1)[0] ?? 0),
    width: dims.length === 2 && width !== undefined ? asNumber(width) : -1,
  };
}

function readInitializers(graph: WireMessage, used: ReadonlySet<string>) {
  const found = new Map<string, ReadTensor>();
  for (const data of contents(graph, GRAPH.initializer)) {
    let name = "";
    visitFields(data, 0, data.length, (no, _type, start, end) => {
      if (no === TENSOR.name) name = new TextDecoder().decode(data.subarray(start, end));
    });
    if (used.has(name)) found.set(name, readTensor(data));
  }
  return found;
}

/** The nodes that the outputs need, in order. */
function neededNodes(nodes: readonly ReadNode[], outputs: readonly string[]) {
  const used = new Set(outputs);
  const needed = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => name !== "" && used.has(name))) return false;
    for (const name of node.inputs) used.add(name);
    return true;
  });
  return { nodes: needed.toReversed(), used };
}

/** Reads an ONNX file as far as its outputs need it; throws where the bytes are none. */
export function readOnnxModel(bytes: Uint8Array): ReadModel {
  const fields = readMessage(bytes);
  const graphs = contents(fields, MODEL.graph);
  const [data] = graphs;
  if (data === undefined || graphs.length > 1) throw new NotEvaluated("not a file of one graph");
  if (contents(fields, MODEL.functions).length > 0) throw new NotEvaluated("functions of its own");
  const graph = readMessage(data);
  if (contents(graph, GRAPH.sparseInitializer).length > 0) {
    throw new NotEvaluated("sparse constants");
  }
  const outputs = contents(graph, GRAPH.output).map((value) => readValue(value).name);
  const { nodes, used } = neededNodes(contents(graph, GRAPH.node).map(readNode), outputs);
  const initializers = readInitializers(graph, used);
  const inputs = contents(graph, GRAPH.input)
    .map(readValue)
    .filter(({ name }) => !initializers.has(name));
  const versions = new Map(
    contents(fields, MODEL.opsetImport).map((opset) => {
      const parts = readMessage(opset);
      const [domain = ""] = texts(parts, OPSET.domain);
      const version = asNumber(integers(parts, OPSET.version)[0] ?? 0);
      return [domain === "ai.onnx" ? "" : domain, version] as const;
    }),
  );
  return { nodes, initializers, inputs, outputs, opset: (domain) => versions.get(domain) ?? 0 };
}
