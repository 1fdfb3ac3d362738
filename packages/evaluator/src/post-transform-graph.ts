import type { TreesModel, TreesStep } from "./evaluator-model.ts";
import { HARDEST } from "./exp.ts";
import { ELEMENT, GRAPH, MODEL, OPSET } from "./onnx/onnx-fields.ts";
import { integerField, messageField, textField, writeMessage } from "./onnx/wire-message.ts";
import { nodeField, valueField, type NodeParts } from "./onnx/write-graph.ts";

/** A graph that applies the post-transform of an ensemble to given sums. */
interface PostTransformGraph {
  /** Row `i` of its one feature is `i`, and gives the result of the sums `i`. */
  readonly onnx: Uint8Array;
  readonly rows: Float32Array<ArrayBuffer>;
}

/** Rows of a graph: more leaves of one tree take longer to open than several trees. */
const GRAPH_ROWS = 5000;

const NAMES = {
  none: "NONE",
  logistic: "LOGISTIC",
  softmax: "SOFTMAX",
  "softmax-zero": "SOFTMAX_ZERO",
} as const;

/** How far from 0 the leaves of an ensemble could lead. */
function rangeOf({ leafWeights, roots }: TreesStep): number {
  let largest = 0;
  for (const weight of leafWeights) largest = Math.max(largest, Math.abs(weight));
  return largest * roots.length;
}

/** A sum: within reach of the leaves, of any magnitude, or one of the hardest. */
function drawSum(range: number, random: () => number): number {
  const kind = random();
  const sign = random() < 0.5 ? -1 : 1;
  if (kind < 0.5) return sign * random() * Math.min(range, 1e30);
  if (kind < 0.7) return sign * random() * 110;
  if (kind < 0.72) return 0;
  return sign * 2 ** (random() * 60 - 50);
}

/** Sums `[rows, outputs]`, row after row. */
function drawSums(step: TreesStep, outputs: number, rows: number, random: () => number) {
  const range = rangeOf(step);
  const wide = step.sums === "double";
  const sums = Float64Array.from({ length: rows * outputs }, () => {
    const sum = drawSum(range, random);
    return wide ? sum : Math.fround(sum);
  });
  for (const [row, hard] of HARDEST.entries()) {
    // Beside a sum of 0 the exponential is that of the smaller or larger one itself.
    for (let index = 0; index < outputs; index += 1) {
      if ((row + 1) * outputs <= sums.length)
        sums[row * outputs + index] = index === 0 ? 0 : -Math.abs(hard);
    }
  }
  return step.classifier?.positive === true ? sums.map(Math.abs) : sums;
}

/** A tree with a leaf for each row: the feature is the place of the row. */
function searchTree(rows: number) {
  const nodes = {
    ids: [] as number[],
    features: [] as number[],
    values: [] as number[],
    modes: [] as string[],
    yes: [] as number[],
    no: [] as number[],
  };
  const leaves: number[] = [];
  const add = (mode: string, value: number) => {
    nodes.ids.push(nodes.ids.length);
    nodes.features.push(0);
    nodes.values.push(value);
    nodes.modes.push(mode);
    nodes.yes.push(0);
    nodes.no.push(0);
    return nodes.ids.length - 1;
  };
  const grow = (from: number, to: number): number => {
    if (to - from === 1) {
      leaves[from] = add("LEAF", 0);
      return leaves[from] ?? 0;
    }
    const middle = (from + to) >> 1;
    const node = add("BRANCH_LT", middle);
    nodes.yes[node] = grow(from, middle);
    nodes.no[node] = grow(middle, to);
    return node;
  };
  grow(0, rows);
  return { nodes, leaves };
}

/** The graph that applies a post-transform to sums `[rows, outputs]`. */
function writeGraph(step: TreesStep, outputs: number, sums: Float64Array): Uint8Array {
  const { classifier, postTransform } = step;
  const wide = step.sums === "double";
  const { nodes, leaves } = searchTree(sums.length / outputs);
  const prefix = classifier ? "class" : "target";
  // Of two classes with one column of weights only that one has them.
  const scored =
    classifier?.oneColumn === true ? [step.leafTargets[0] ?? 0] : [...Array(outputs).keys()];
  const weights = leaves.flatMap((_, row) =>
    scored.map((target) => sums[row * outputs + target] ?? 0),
  );
  const zeros = nodes.ids.map(() => 0);
  const tensor = (values: readonly number[]) => ({
    dims: [values.length],
    values: Float64Array.from(values),
  });
  const parts: Partial<NodeParts> = {
    domain: "ai.onnx.ml",
    texts: { post_transform: NAMES[postTransform] },
    textLists: { nodes_modes: nodes.modes },
    integerLists: {
      nodes_treeids: zeros,
      nodes_nodeids: nodes.ids,
      nodes_featureids: nodes.features,
      nodes_truenodeids: nodes.yes,
      nodes_falsenodeids: nodes.no,
      [`${prefix}_treeids`]: weights.map(() => 0),
      [`${prefix}_nodeids`]: leaves.flatMap((leaf) => scored.map(() => leaf)),
      [`${prefix}_ids`]: leaves.flatMap(() => scored),
      ...(classifier ? { classlabels_int64s: [...Array(outputs).keys()] } : {}),
    },
    ...(classifier ? {} : { integers: { n_targets: outputs } }),
    ...(wide
      ? {
          tensors: {
            nodes_values_as_tensor: tensor(nodes.values),
            [`${prefix}_weights_as_tensor`]: tensor(weights),
          },
        }
      : { floatLists: { nodes_values: nodes.values, [`${prefix}_weights`]: weights } }),
  };
  const cast = nodeField("Cast", {
    inputs: ["features"],
    outputs: ["wide"],
    integers: { to: ELEMENT.double },
  });
  const [operator, results] = classifier
    ? (["TreeEnsembleClassifier", ["class", "proba"]] as const)
    : (["TreeEnsembleRegressor", ["values"]] as const);
  const inputs = [wide ? "wide" : "features"];
  const opset = (domain: string, version: number) =>
    messageField(MODEL.opsetImport, [
      textField(OPSET.domain, domain),
      integerField(OPSET.version, version),
    ]);
  return writeMessage([
    integerField(MODEL.irVersion, 8),
    opset("", 17),
    opset("ai.onnx.ml", 3),
    messageField(MODEL.graph, [
      ...(wide ? [cast] : []),
      nodeField(operator, { inputs, outputs: results, ...parts }),
      textField(GRAPH.name, "post-transform"),
      valueField(GRAPH.input, "features", ELEMENT.float, ["n", 1]),
      ...(classifier ? [valueField(GRAPH.output, "class", ELEMENT.int64, ["n"])] : []),
      valueField(GRAPH.output, classifier ? "proba" : "values", ELEMENT.float, ["n", outputs]),
    ]),
  ]);
}

/**
 * Graphs that apply the post-transforms of a model to random sums, at least `count` of them for each ensemble that has one.
 *
 * A graph is a tree with a leaf for each row of sums, under the ensemble's own operator, so that both engines can be asked:
 * ONNX Runtime, and the evaluator that `readGraph` gives of it. Base values are left out: they are part of the sums.
 */
export function* postTransformGraphs(
  model: TreesModel,
  count: number,
  random: () => number,
): Generator<PostTransformGraph> {
  for (const step of model.steps) {
    if (step.kind !== "trees" || step.postTransform === "none") continue;
    const outputs = model.registers[step.output]?.width ?? 0;
    for (let done = 0; done < count; done += GRAPH_ROWS) {
      const size = Math.min(GRAPH_ROWS, count - done);
      const sums = drawSums(step, outputs, size, random);
      const rows = Float32Array.from({ length: size }, (_, row) => row);
      yield { onnx: writeGraph(step, outputs, sums), rows };
    }
  }
}
