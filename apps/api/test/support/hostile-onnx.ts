import {
  ATTRIBUTE,
  ELEMENT,
  ENTRY,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  TENSOR,
} from "@sepal/evaluator/onnx/onnx-fields";
import {
  bytesField,
  integerField,
  messageField,
  textField,
  writeMessage,
  type WireField,
} from "@sepal/evaluator/onnx/wire-message";
import { nodeField, valueField } from "@sepal/evaluator/onnx/write-graph";

/** Values of AttributeProto's `type`. */
const GRAPH_ATTRIBUTE = 5;

const INT8 = 2;

function initializer(name: string, element: number, dims: readonly number[], data: Uint8Array) {
  return messageField(GRAPH.initializer, [
    ...dims.map((size) => integerField(TENSOR.dims, size)),
    integerField(TENSOR.dataType, element),
    textField(TENSOR.name, name),
    bytesField(TENSOR.rawData, data),
  ]);
}

function floats(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

function integer(value: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.of(value).buffer);
}

/** A classifier of `features` numbers into `classes`; `middle` makes the tensor `changed` of the tensor `scores`. */
function classifier(
  middle: readonly WireField[],
  { features = 4, classes = 3 }: Widths = {},
): Uint8Array<ArrayBuffer> {
  const weights = Array.from({ length: features * classes }, (_, index) => index % 2);
  const graph = [
    textField(GRAPH.name, "classifier"),
    initializer("weights", ELEMENT.float, [features, classes], floats(...weights)),
    nodeField("MatMul", { inputs: ["features", "weights"], outputs: ["scores"] }),
    ...middle,
    nodeField("Softmax", { inputs: ["changed"], outputs: ["proba"], integers: { axis: 1 } }),
    nodeField("ArgMax", {
      inputs: ["proba"],
      outputs: ["class"],
      integers: { axis: 1, keepdims: 0 },
    }),
    valueField(GRAPH.input, "features", ELEMENT.float, ["n", features]),
    valueField(GRAPH.output, "class", ELEMENT.int64, ["n"]),
    valueField(GRAPH.output, "proba", ELEMENT.float, ["n", classes]),
  ];
  return writeMessage([
    integerField(MODEL.irVersion, 8),
    messageField(MODEL.graph, graph),
    messageField(MODEL.opsetImport, [integerField(OPSET.version, 17)]),
  ]);
}

interface Widths {
  readonly features?: number;
  readonly classes?: number;
}

/** A classifier that does no harm. */
export function harmless(widths?: Widths): Uint8Array<ArrayBuffer> {
  return classifier([nodeField("Identity", { inputs: ["scores"], outputs: ["changed"] })], widths);
}

/** A classifier that is neither trees nor linear: its scores are sines of sums. */
export function wave(widths?: Widths): Uint8Array<ArrayBuffer> {
  const value = { dims: [], values: Float32Array.of(0.002) };
  return classifier(
    [
      nodeField("Constant", { inputs: [], outputs: ["step"], tensors: { value } }),
      nodeField("Mul", { inputs: ["scores", "step"], outputs: ["angles"] }),
      nodeField("Sin", { inputs: ["angles"], outputs: ["changed"] }),
    ],
    widths,
  );
}

/** Adds the first bytes of another file to its scores, so that they can be read from predictions. */
export function readsFile(location: string, widths?: Widths): Uint8Array<ArrayBuffer> {
  const leak = messageField(GRAPH.initializer, [
    integerField(TENSOR.dims, widths?.classes ?? 3),
    integerField(TENSOR.dataType, INT8),
    textField(TENSOR.name, "leak"),
    messageField(TENSOR.externalData, [
      textField(ENTRY.key, "location"),
      textField(ENTRY.value, location),
    ]),
    integerField(TENSOR.dataLocation, 1),
  ]);
  return classifier(
    [
      leak,
      nodeField("Cast", { inputs: ["leak"], outputs: ["bytes"], integers: { to: ELEMENT.float } }),
      nodeField("Add", { inputs: ["scores", "bytes"], outputs: ["changed"] }),
    ],
    widths,
  );
}

/** Runs a loop of 2^63 - 1 rounds. */
export function loopsForever(widths?: Widths): Uint8Array<ArrayBuffer> {
  const scores = ["n", widths?.classes ?? 3];
  const body = messageField(ATTRIBUTE.graph, [
    textField(GRAPH.name, "body"),
    nodeField("Identity", { inputs: ["going"], outputs: ["on"] }),
    nodeField("Identity", { inputs: ["value"], outputs: ["same"] }),
    valueField(GRAPH.input, "round", ELEMENT.int64, []),
    valueField(GRAPH.input, "going", ELEMENT.bool, []),
    valueField(GRAPH.input, "value", ELEMENT.float, scores),
    valueField(GRAPH.output, "on", ELEMENT.bool, []),
    valueField(GRAPH.output, "same", ELEMENT.float, scores),
  ]);
  const attribute = messageField(NODE.attribute, [
    textField(ATTRIBUTE.name, "body"),
    body,
    integerField(ATTRIBUTE.type, GRAPH_ATTRIBUTE),
  ]);
  return classifier(
    [
      initializer("rounds", ELEMENT.int64, [], integer(2n ** 63n - 1n)),
      initializer("yes", ELEMENT.bool, [], Uint8Array.of(1)),
      nodeField("Loop", {
        inputs: ["rounds", "yes", "scores"],
        outputs: ["changed"],
        attributes: [attribute],
      }),
    ],
    widths,
  );
}

/** Makes a tensor of 20 GB. */
export function takesMemory(widths?: Widths): Uint8Array<ArrayBuffer> {
  return classifier(
    [
      initializer("shape", ELEMENT.int64, [1], integer(5_000_000_000n)),
      nodeField("ConstantOfShape", { inputs: ["shape"], outputs: ["zeros"] }),
      nodeField("ReduceSum", { inputs: ["zeros"], outputs: ["sum"], integers: { keepdims: 0 } }),
      nodeField("Add", { inputs: ["scores", "sum"], outputs: ["changed"] }),
    ],
    widths,
  );
}

/** A tree in which every branch leads to the next one and to a leaf: reading it overflows the stack. */
export function deepTree(depth: number): Uint8Array<ArrayBuffer> {
  const list = (name: string, type: number, no: number, values: readonly WireField[]) =>
    messageField(NODE.attribute, [
      textField(ATTRIBUTE.name, name),
      ...values.map((field) => ({ ...field, no })),
      integerField(ATTRIBUTE.type, type),
    ]);
  const nodes = Array.from({ length: 2 * depth + 1 }, (_, index) => index);
  const branch = (node: number, child: number) => (node < depth ? child : 0);
  const whole = (name: string, values: readonly number[]) =>
    list(
      name,
      7,
      ATTRIBUTE.integers,
      values.map((value) => integerField(0, value)),
    );
  // Packed, which parsers take as well.
  const real = (name: string, values: readonly number[]) =>
    list(name, 6, 7, [bytesField(0, floats(...values))]);
  const text = (name: string, values: readonly string[]) =>
    list(
      name,
      8,
      ATTRIBUTE.strings,
      values.map((value) => textField(0, value)),
    );
  const attributes = [
    whole(
      "nodes_treeids",
      nodes.map(() => 0),
    ),
    whole("nodes_nodeids", nodes),
    whole(
      "nodes_featureids",
      nodes.map(() => 0),
    ),
    text(
      "nodes_modes",
      nodes.map((node) => (node < depth ? "BRANCH_LEQ" : "LEAF")),
    ),
    real(
      "nodes_values",
      nodes.map((node) => -node),
    ),
    whole(
      "nodes_truenodeids",
      nodes.map((node) => branch(node, depth + 1 + node)),
    ),
    whole(
      "nodes_falsenodeids",
      nodes.map((node) => branch(node, node + 1)),
    ),
    whole("class_treeids", [0]),
    whole("class_nodeids", [depth]),
    whole("class_ids", [0]),
    real("class_weights", [1]),
    whole("classlabels_int64s", [0, 1, 2]),
    textField(NODE.domain, "ai.onnx.ml"),
  ];
  return writeMessage([
    integerField(MODEL.irVersion, 8),
    messageField(MODEL.graph, [
      textField(GRAPH.name, "tree"),
      nodeField("TreeEnsembleClassifier", {
        inputs: ["features"],
        outputs: ["class", "proba"],
        attributes,
      }),
      valueField(GRAPH.input, "features", ELEMENT.float, ["n", 4]),
      valueField(GRAPH.output, "class", ELEMENT.int64, ["n"]),
      valueField(GRAPH.output, "proba", ELEMENT.float, ["n", 3]),
    ]),
    messageField(MODEL.opsetImport, [integerField(OPSET.version, 17)]),
    messageField(MODEL.opsetImport, [
      textField(OPSET.domain, "ai.onnx.ml"),
      integerField(OPSET.version, 3),
    ]),
  ]);
}
