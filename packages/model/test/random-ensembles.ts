import { ELEMENT, GRAPH, MODEL, OPSET } from "@sepal/evaluator/onnx/onnx-fields";
import {
  integerField,
  messageField,
  textField,
  writeMessage,
  type WireField,
} from "@sepal/evaluator/onnx/wire-message";
import { nodeField, valueField, type NodeParts } from "@sepal/evaluator/onnx/write-graph";

/** Numbers from 0 to 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a random ensemble is like. */
export interface EnsembleShape {
  readonly operator: "TreeEnsembleClassifier" | "TreeEnsembleRegressor";
  readonly features: number;
  /** Classes or targets. */
  readonly outputs: number;
  readonly trees: number;
  readonly depth: number;
  readonly modes: readonly string[];
  readonly missing: boolean;
  readonly postTransform: string;
  readonly aggregate: string;
  readonly baseValues: number;
  /** Weights of a leaf: one for each output, for some, or for one output alone. */
  readonly weights: "all" | "some" | "one";
  readonly negative: boolean;
  /** Features and sums in float64, with attributes of lists or of tensors. */
  readonly wide: "no" | "lists" | "tensors";
  /** Whole numbers as thresholds. */
  readonly whole: boolean;
}

/** A model in Sepal's form, with the thresholds of its branches, by feature. */
export interface RandomEnsemble {
  readonly onnx: Uint8Array;
  readonly thresholds: readonly (readonly [feature: number, value: number])[];
}

const MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];

function modelOf(
  features: number,
  learned: number,
  nodes: readonly WireField[],
  outputs: readonly (readonly [name: string, element: number, width: number | undefined])[],
): Uint8Array {
  const opset = (domain: string, version: number) =>
    messageField(MODEL.opsetImport, [
      textField(OPSET.domain, domain),
      integerField(OPSET.version, version),
    ]);
  return writeMessage([
    integerField(MODEL.irVersion, 10),
    opset("", 21),
    opset("ai.onnx.ml", learned),
    messageField(MODEL.graph, [
      ...nodes,
      textField(GRAPH.name, "random"),
      valueField(GRAPH.input, "features", ELEMENT.float, ["n", features]),
      ...outputs.map(([name, element, width]) =>
        valueField(GRAPH.output, name, element, width === undefined ? ["n"] : ["n", width]),
      ),
    ]),
  ]);
}

/** Writes an ensemble of random trees. */
export function randomEnsemble(shape: EnsembleShape, random: () => number): RandomEnsemble {
  const { features, outputs, trees, modes, wide } = shape;
  const below = (count: number) => Math.floor(random() * count);
  const number = () => (shape.whole ? below(40) : Math.fround((random() - 0.5) * 8));
  const weight = () => {
    const value = random() * (random() < 0.2 ? 100 : 1);
    return Math.fround(shape.negative && random() < 0.5 ? -value : value);
  };
  const nodes = {
    treeids: [] as number[],
    nodeids: [] as number[],
    featureids: [] as number[],
    modes: [] as string[],
    values: [] as number[],
    truenodeids: [] as number[],
    falsenodeids: [] as number[],
    tracks: [] as number[],
  };
  const leaves = {
    treeids: [] as number[],
    nodeids: [] as number[],
    ids: [] as number[],
    weights: [] as number[],
  };
  for (let tree = 0; tree < trees; tree += 1) {
    let next = 0;
    const grow = (depth: number): number => {
      const id = next;
      next += 1;
      const at = nodes.treeids.length;
      const isLeaf = depth === 0 || (depth < shape.depth && random() < 0.2);
      nodes.treeids.push(tree);
      nodes.nodeids.push(id);
      nodes.featureids.push(isLeaf ? 0 : below(features));
      nodes.modes.push(isLeaf ? "LEAF" : (modes[below(modes.length)] ?? "BRANCH_LEQ"));
      nodes.values.push(isLeaf ? 0 : number());
      nodes.truenodeids.push(0);
      nodes.falsenodeids.push(0);
      nodes.tracks.push(!isLeaf && shape.missing && random() < 0.5 ? 1 : 0);
      if (!isLeaf) {
        nodes.truenodeids[at] = grow(depth - 1);
        nodes.falsenodeids[at] = grow(depth - 1);
        return id;
      }
      const targets =
        shape.weights === "one"
          ? [0]
          : Array.from({ length: outputs }, (_, index) => index).filter(
              () => shape.weights === "all" || random() < 0.5,
            );
      for (const target of targets) {
        leaves.treeids.push(tree);
        leaves.nodeids.push(id);
        leaves.ids.push(target);
        leaves.weights.push(weight());
      }
      return id;
    };
    grow(shape.depth);
  }
  const classifier = shape.operator === "TreeEnsembleClassifier";
  const prefix = classifier ? "class" : "target";
  const base = Array.from({ length: shape.baseValues }, weight);
  const tensor = (values: readonly number[]) => ({
    dims: [values.length],
    values: Float64Array.from(values),
  });
  const asTensors = wide === "tensors";
  const parts: Partial<NodeParts> = {
    domain: "ai.onnx.ml",
    integerLists: {
      nodes_treeids: nodes.treeids,
      nodes_nodeids: nodes.nodeids,
      nodes_featureids: nodes.featureids,
      nodes_truenodeids: nodes.truenodeids,
      nodes_falsenodeids: nodes.falsenodeids,
      ...(shape.missing ? { nodes_missing_value_tracks_true: nodes.tracks } : {}),
      [`${prefix}_treeids`]: leaves.treeids,
      [`${prefix}_nodeids`]: leaves.nodeids,
      [`${prefix}_ids`]: leaves.ids,
      ...(classifier
        ? { classlabels_int64s: Array.from({ length: outputs }, (_, index) => index * 3 + 1) }
        : {}),
    },
    textLists: { nodes_modes: nodes.modes },
    texts: {
      post_transform: shape.postTransform,
      ...(classifier ? {} : { aggregate_function: shape.aggregate }),
    },
    ...(classifier ? {} : { integers: { n_targets: outputs } }),
    ...(asTensors
      ? {
          tensors: {
            nodes_values_as_tensor: tensor(nodes.values),
            [`${prefix}_weights_as_tensor`]: tensor(leaves.weights.map((each) => each * 1.1)),
            ...(base.length > 0 ? { base_values_as_tensor: tensor(base) } : {}),
          },
        }
      : {
          floatLists: {
            nodes_values: nodes.values,
            [`${prefix}_weights`]: leaves.weights,
            ...(base.length > 0 ? { base_values: base } : {}),
          },
        }),
  };
  const input = wide === "no" ? "features" : "wide";
  const made = classifier ? ["class", "proba"] : ["values"];
  const graph = [
    ...(wide === "no"
      ? []
      : [
          nodeField("Cast", {
            inputs: ["features"],
            outputs: ["wide"],
            integers: { to: ELEMENT.double },
          }),
        ]),
    nodeField(shape.operator, { inputs: [input], outputs: made, ...parts }),
  ];
  const declared = classifier
    ? ([
        ["class", ELEMENT.int64, undefined],
        ["proba", ELEMENT.float, outputs],
      ] as const)
    : ([["values", ELEMENT.float, outputs]] as const);
  return {
    onnx: modelOf(features, 3, graph, declared),
    thresholds: nodes.modes.flatMap((mode, index) =>
      mode === "LEAF" ? [] : [[nodes.featureids[index] ?? 0, nodes.values[index] ?? 0] as const],
    ),
  };
}

/** Writes a random ensemble under the newer operator, TreeEnsemble. */
export function randomNewerEnsemble(random: () => number): RandomEnsemble & {
  readonly features: number;
} {
  const below = (count: number) => Math.floor(random() * count);
  const wide = random() < 0.3;
  const [outputs, features] = [1 + below(3), 1 + below(4)];
  // 6 is BRANCH_MEMBER.
  const modes =
    random() < 0.6 ? [below(7)] : [0, 1, 2, 3, 4, 5].filter(() => random() < 0.6).concat(0);
  const whole = random() < 0.5;
  const number = () => (whole ? below(40) : Math.fround(random() * 8 - 4));
  const nodes = {
    modes: [] as number[],
    splits: [] as number[],
    features: [] as number[],
    tracks: [] as number[],
    yes: [] as number[],
    no: [] as number[],
    yesLeaves: [] as number[],
    noLeaves: [] as number[],
  };
  const [targets, weights, members]: number[][] = [[], [], []];
  const grow = (depth: number): number => {
    const node = nodes.modes.length;
    const mode = modes[below(modes.length)] ?? 0;
    nodes.modes.push(mode);
    nodes.splits.push(mode === 6 ? 0 : number());
    nodes.features.push(below(features));
    nodes.tracks.push(random() < 0.3 ? 1 : 0);
    for (const list of [nodes.yes, nodes.no, nodes.yesLeaves, nodes.noLeaves]) list.push(0);
    if (mode === 6) members?.push(1 + below(30), Number.NaN);
    for (const [children, leaves] of [
      [nodes.yes, nodes.yesLeaves],
      [nodes.no, nodes.noLeaves],
    ] as const) {
      if (depth > 0 && random() < 0.7) children[node] = grow(depth - 1);
      else {
        leaves[node] = 1;
        children[node] = targets?.length ?? 0;
        targets?.push(below(outputs));
        weights?.push(Math.fround(random() * 4 - 2));
      }
    }
    return node;
  };
  const roots = Array.from({ length: 1 + below(8) }, () => grow(below(4)));
  const tensor = (values: readonly number[] = []) => ({
    dims: [values.length],
    values: wide ? Float64Array.from(values) : Float32Array.from(values),
  });
  const cast = (input: string, output: string, to: number) =>
    nodeField("Cast", { inputs: [input], outputs: [output], integers: { to } });
  const ensemble = nodeField("TreeEnsemble", {
    inputs: [wide ? "wide" : "features"],
    outputs: [wide ? "made" : "values"],
    domain: "ai.onnx.ml",
    integers: { n_targets: outputs, post_transform: below(4), aggregate_function: below(4) },
    integerLists: {
      tree_roots: roots,
      nodes_featureids: nodes.features,
      nodes_truenodeids: nodes.yes,
      nodes_falsenodeids: nodes.no,
      nodes_trueleafs: nodes.yesLeaves,
      nodes_falseleafs: nodes.noLeaves,
      leaf_targetids: targets ?? [],
      ...(random() < 0.6 ? { nodes_missing_value_tracks_true: nodes.tracks } : {}),
    },
    tensors: {
      nodes_modes: { dims: [nodes.modes.length], values: Uint8Array.from(nodes.modes) },
      nodes_splits: tensor(nodes.splits),
      leaf_weights: tensor(weights),
      ...(nodes.modes.includes(6) ? { membership_values: tensor(members) } : {}),
    },
  });
  const graph = wide
    ? [cast("features", "wide", ELEMENT.double), ensemble, cast("made", "values", ELEMENT.float)]
    : [ensemble];
  return {
    features,
    onnx: modelOf(features, 5, graph, [["values", ELEMENT.float, outputs]]),
    thresholds: nodes.splits.map((split, node) => [nodes.features[node] ?? 0, split] as const),
  };
}

/** A shape of ensembles. */
export function randomShape(random: () => number): EnsembleShape {
  const below = (count: number) => Math.floor(random() * count);
  const choose = <T>(values: readonly [T, ...T[]]): T => values[below(values.length)] ?? values[0];
  const operator: EnsembleShape["operator"] =
    random() < 0.5 ? "TreeEnsembleClassifier" : "TreeEnsembleRegressor";
  const outputs = operator === "TreeEnsembleClassifier" ? 2 + below(4) : 1 + below(4);
  const one = choose(["BRANCH_LEQ", ...MODES]);
  return {
    operator,
    features: 1 + below(8),
    outputs,
    trees: 1 + below(choose([3, 30, 120])),
    depth: 1 + below(6),
    modes: random() < 0.7 ? [one] : MODES.filter(() => random() < 0.5).concat(one),
    missing: random() < 0.5,
    postTransform: choose(["NONE", "NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"]),
    aggregate: choose(["SUM", "SUM", "AVERAGE", "MIN", "MAX"]),
    // A classifier of two classes may have one for both.
    baseValues:
      operator === "TreeEnsembleClassifier" && outputs === 2
        ? choose([0, 1, 1, 2])
        : choose([0, 0, outputs]),
    weights: choose(["all", "all", "some", "one"]),
    negative: random() < 0.6,
    wide: choose(["no", "no", "lists", "tensors"]),
    whole: random() < 0.4,
  };
}

const SPECIAL = [
  0,
  -0,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  1,
  32,
  33,
  64,
  65,
];

/** The neighbours of a number among float32, and itself. */
function nearby(value: number, random: () => number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + Math.floor(random() * 3) - 1);
  const moved = bits.getFloat32(0);
  return Number.isFinite(moved) ? moved : value;
}

/** Rows on thresholds and beside them, with missing values and the ends of float32. */
export function hardRows(
  thresholds: readonly (readonly [number, number])[],
  { features, rows }: { readonly features: number; readonly rows: number },
  random: () => number,
): Float32Array {
  const byFeature = Array.from({ length: features }, (): number[] => []);
  for (const [feature, value] of thresholds) byFeature[feature]?.push(value);
  return Float32Array.from({ length: rows * features }, (_, index) => {
    const known = byFeature[index % features] ?? [];
    const draw = random();
    if (draw < 0.1) return SPECIAL[Math.floor(random() * SPECIAL.length)] ?? 0;
    if (draw < 0.2 || known.length === 0) return (random() - 0.5) * 12;
    return nearby(known[Math.floor(random() * known.length)] ?? 0, random);
  });
}
