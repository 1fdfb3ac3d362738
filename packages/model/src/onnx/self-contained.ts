import {
  ATTRIBUTE,
  ENTRY,
  FUNCTION,
  GRAPH,
  MODEL,
  NODE,
  SPARSE,
  TENSOR,
  TRAINING,
} from "@sepal/evaluator/onnx/onnx-fields";
import { visitFields, WireType } from "@sepal/evaluator/onnx/wire-message";

type Kind =
  | "model"
  | "training"
  | "function"
  | "graph"
  | "node"
  | "attribute"
  | "sparse"
  | "tensor";

/** Every message through which a model reaches a tensor or a node, by the number of its field. */
const PARTS: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  model: {
    [MODEL.graph]: "graph",
    [MODEL.trainingInfo]: "training",
    [MODEL.functions]: "function",
  },
  training: { [TRAINING.initialization]: "graph", [TRAINING.algorithm]: "graph" },
  function: { [FUNCTION.node]: "node", [FUNCTION.attributeDefault]: "attribute" },
  graph: {
    [GRAPH.node]: "node",
    [GRAPH.initializer]: "tensor",
    [GRAPH.sparseInitializer]: "sparse",
  },
  node: { [NODE.attribute]: "attribute" },
  attribute: {
    [ATTRIBUTE.tensor]: "tensor",
    [ATTRIBUTE.tensors]: "tensor",
    [ATTRIBUTE.graph]: "graph",
    [ATTRIBUTE.graphs]: "graph",
    [ATTRIBUTE.sparseTensor]: "sparse",
    [ATTRIBUTE.sparseTensors]: "sparse",
  },
  sparse: { [SPARSE.values]: "tensor", [SPARSE.indices]: "tensor" },
  tensor: {},
};

/** Deepest nesting of messages, as in protobuf's own parsers. */
const MAX_DEPTH = 100;

/** Operators whose attributes name files, which an execution provider opens. */
const FILE_OPERATORS = new Set(["EPContext"]);

/** Longest name that a message repeats. */
const MAX_NAME = 200;

const REMEDY =
  "a model file holds all of its data; save it with the data inside, such as onnx.save_model(model, path, save_as_external_data=False)";

interface Place {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_NAME ? `${text.slice(0, MAX_NAME)}…` : text);
}

/** Rejects bytes in the format of ONNX Runtime itself, which it recognises by these letters. */
function requireOnnx(bytes: Uint8Array): void {
  if (Buffer.from(bytes.subarray(4, 8)).toString("latin1") === "ORTM") {
    throw new Error("it is in ONNX Runtime's own format: give the ONNX file that it was made from");
  }
}

/** Describes what a tensor that keeps its data elsewhere refers to. */
function describeTensor(bytes: Uint8Array, { start, end }: Place): string {
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("utf8");
  let name = "";
  let location: string | undefined;
  visitFields(bytes, start, end, (no, type, from, to) => {
    if (type !== WireType.LengthDelimited) return;
    if (no === TENSOR.name) name = text(from, to);
    if (no !== TENSOR.externalData) return;
    const entry = new Map<number, string>();
    visitFields(bytes, from, to, (key, _type, a, b) => void entry.set(key, text(a, b)));
    if (entry.get(ENTRY.key) === "location") location = entry.get(ENTRY.value);
  });
  const where = location === undefined ? "" : `, in ${quoted(location)}`;
  return `tensor ${quoted(name)} keeps its data outside the file${where}: ${REMEDY}`;
}

/**
 * Rejects a model file that refers to anything outside itself, and bytes that are no ONNX file.
 *
 * ONNX Runtime opens the file that a tensor's external data name, resolved against the working directory, and takes an
 * address of memory in the same place. So no tensor may have any: initializers, dense and sparse, and attributes, in
 * subgraphs, functions and training graphs, too. Contents are passed over by their lengths; nothing is copied.
 */
export function requireSelfContained(bytes: Uint8Array): void {
  requireOnnx(bytes);
  let graphs = 0;
  const visit = (place: Place): void => {
    const { kind, start, end, depth } = place;
    if (depth > MAX_DEPTH) throw new Error(`its messages are nested deeper than ${MAX_DEPTH}`);
    const parts = PARTS[kind];
    visitFields(bytes, start, end, (no, type, from, to) => {
      const part = type === WireType.LengthDelimited ? parts[no] : undefined;
      if (part !== undefined) {
        if (depth === 0 && part === "graph") graphs += 1;
        visit({ kind: part, start: from, end: to, depth: depth + 1 });
      } else if (kind === "tensor") {
        const elsewhere =
          no === TENSOR.externalData ||
          (no === TENSOR.dataLocation && !(to - from === 1 && bytes[from] === 0));
        if (elsewhere) throw new Error(describeTensor(bytes, place));
      } else if (kind === "node" && no === NODE.opType) {
        const operator = Buffer.from(bytes.subarray(from, to)).toString("utf8");
        if (!FILE_OPERATORS.has(operator)) return;
        throw new Error(`operator ${operator} refers to files outside the model: ${REMEDY}`);
      }
    });
  };
  visit({ kind: "model", start: 0, end: bytes.length, depth: 0 });
  if (graphs === 0) throw new Error("it has no graph");
}
