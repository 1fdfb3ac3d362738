import { Refusal } from "../refusal.ts";
import { ATTRIBUTE, GRAPH, MODEL, NODE } from "@sepal/model/onnx/onnx-fields";
import {
  contents,
  integers,
  readMessage,
  texts,
  type WireMessage,
} from "@sepal/model/onnx/wire-message";

/** One operator of a graph. */
interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly fields: WireMessage;
}

/** An ONNX file as far as it is looked into. */
export interface OnnxModel {
  readonly fields: WireMessage;
  readonly graph: WireMessage;
  readonly nodes: readonly OnnxNode[];
}

function readNode(bytes: Uint8Array): OnnxNode {
  const fields = readMessage(bytes);
  const [operator = ""] = texts(fields, NODE.opType);
  return {
    operator,
    inputs: texts(fields, NODE.input),
    outputs: texts(fields, NODE.output),
    fields,
  };
}

/** Reads an ONNX file; refuses bytes that are none. */
export function readOnnx(bytes: Uint8Array, path: string): OnnxModel {
  try {
    const fields = readMessage(bytes);
    const [graph] = contents(fields, MODEL.graph);
    if (graph === undefined) throw new Error("it has no graph");
    const parts = readMessage(graph);
    return { fields, graph: parts, nodes: contents(parts, GRAPH.node).map(readNode) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${path}: is not an ONNX file: ${reason}`, { cause: error });
  }
}

/** Labels that a classifier or ZipMap of the graph gives its columns, in their order; `undefined` where none says. */
export function labelsOfGraph({ nodes }: OnnxModel): readonly string[] | undefined {
  for (const { fields } of nodes.toReversed()) {
    for (const attribute of contents(fields, NODE.attribute).map(readMessage)) {
      const [name = ""] = texts(attribute, ATTRIBUTE.name);
      if (name === "classlabels_strings") {
        const labels = texts(attribute, ATTRIBUTE.strings);
        if (labels.length > 0) return labels;
      }
      if (name === "classlabels_int64s" || name === "classlabels_ints") {
        const labels = integers(attribute, ATTRIBUTE.integers);
        if (labels.length > 0) return labels.map(String);
      }
    }
  }
  return undefined;
}

const FAMILIES: readonly (readonly [operator: RegExp, family: string])[] = [
  [/^TreeEnsemble/, "tree ensemble"],
  [/^SVM/, "support vector machine"],
  [/^LinearClassifier$/, "linear classifier"],
  [/^(?:Gemm|MatMul)$/, "matrix products"],
];

/** What kind of model a graph computes, as far as its operators show. */
export function familyOf({ nodes }: OnnxModel): string {
  const found = FAMILIES.find(([pattern]) => nodes.some(({ operator }) => pattern.test(operator)));
  return found?.[1] ?? "unknown kind";
}
