import {
  NotEvaluated,
  type Aggregate,
  type PostTransform,
  type TreeNumbers,
  type TreesStep,
} from "./evaluator-model.ts";
import { Attributes, type ReadNode } from "./onnx/read-onnx.ts";
import { ELEMENT } from "./onnx/onnx-fields.ts";

/** Comparisons of a branch, in the numbering of TreeEnsemble; LEAF is a mark of its own. */
const MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];
const [LT, GTE, GT, EQ, NEQ, LEAF] = [1, 2, 3, 4, 5, 7] as const;

const POST_TRANSFORMS: Readonly<Record<string, PostTransform>> = {
  NONE: "none",
  LOGISTIC: "logistic",
  SOFTMAX: "softmax",
  SOFTMAX_ZERO: "softmax-zero",
};

const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  SUM: "sum",
  AVERAGE: "average",
  MIN: "min",
  MAX: "max",
};

/** Most comparisons of nodes in search of equal subtrees. */
const MOST_COMPARISONS = 20_000_000;

/** The trees of a node as the file has them: children by their index; leaves have weights. */
interface GivenTrees {
  readonly roots: readonly number[];
  readonly modes: Uint8Array;
  readonly features: Float64Array;
  readonly values: Float64Array;
  readonly missing: Uint8Array;
  readonly yes: Int32Array;
  readonly no: Int32Array;
  /** Weights of a leaf, by its index: `[target, weight]` in the order in which they are added. */
  readonly weights: readonly (readonly (readonly [number, number])[] | undefined)[];
}

/** A tree ensemble without its registers. */
export type ReadTrees = Omit<TreesStep, "kind" | "input" | "output" | "classOutput"> & {
  readonly outputs: number;
  /** Labels of a classifier that are texts. */
  readonly textLabels?: readonly string[];
};

function refuse(why: string): never {
  throw new NotEvaluated(why);
}

function known<T>(table: Readonly<Record<string, T>>, what: string, name: string): T {
  return Object.hasOwn(table, name)
    ? (table[name] ?? refuse(`${what} ${name}`))
    : refuse(`${what} ${name}`);
}

function sameLength(length: number, lists: readonly ArrayLike<unknown>[]): void {
  if (lists.some((list) => list.length !== length)) refuse("attributes of different lengths");
}

/** Numbers of an attribute or of its tensor, which has to have the element type of the sums. */
function numbersOf(attributes: Attributes, name: string, tensorName: string, wide: boolean) {
  const tensor = attributes.tensor(tensorName);
  if (tensor === undefined || tensor.dims.length === 0) return attributes.floats(name);
  if (attributes.floats(name).length > 0) refuse(`both ${name} and ${tensorName}`);
  if (tensor.element !== (wide ? ELEMENT.double : ELEMENT.float)) {
    refuse(`${tensorName} of another element type than the features`);
  }
  return tensor.values;
}

/** Reads the attributes of TreeEnsembleClassifier and TreeEnsembleRegressor. */
function readGiven(
  attributes: Attributes,
  wide: boolean,
  outputs: number,
  prefix: string,
): GivenTrees {
  const trees = attributes.integers("nodes_treeids");
  const ids = attributes.integers("nodes_nodeids");
  const yesIds = attributes.integers("nodes_truenodeids");
  const noIds = attributes.integers("nodes_falsenodeids");
  const features = attributes.integers("nodes_featureids");
  const names = attributes.texts("nodes_modes");
  const values = numbersOf(attributes, "nodes_values", "nodes_values_as_tensor", wide);
  const tracks = attributes.integers("nodes_missing_value_tracks_true");
  const count = ids.length;
  sameLength(count, [trees, yesIds, noIds, features, names, values]);
  const modes = Uint8Array.from(names, (name) => {
    if (name === "LEAF") return LEAF;
    const mode = MODES.indexOf(name);
    return mode >= 0 ? mode : refuse(`branches of mode ${name}`);
  });
  const places = new Map<number, Map<number, number>>();
  const roots: number[] = [];
  let previous = -1;
  for (let index = 0; index < count; index += 1) {
    const tree = trees[index] ?? 0;
    if (tree < 0) refuse("a negative number of a tree");
    if (tree !== previous) {
      if (places.has(tree)) refuse("a tree whose nodes are not listed together");
      places.set(tree, new Map());
      roots.push(index);
      previous = tree;
    }
    const nodes = places.get(tree);
    const id = ids[index] ?? 0;
    if (nodes?.has(id)) refuse(`node ${id} of tree ${tree} twice`);
    nodes?.set(id, index);
  }
  const yes = new Int32Array(count);
  const no = new Int32Array(count);
  for (let index = 0; index < count; index += 1) {
    if (modes[index] === LEAF) continue;
    const nodes = places.get(trees[index] ?? 0);
    yes[index] = nodes?.get(yesIds[index] ?? 0) ?? refuse("a branch to a node that is not there");
    no[index] = nodes?.get(noIds[index] ?? 0) ?? refuse("a branch to a node that is not there");
  }
  const weightTrees = attributes.integers(`${prefix}_treeids`);
  const weightNodes = attributes.integers(`${prefix}_nodeids`);
  const targets = attributes.integers(`${prefix}_ids`);
  const given = numbersOf(attributes, `${prefix}_weights`, `${prefix}_weights_as_tensor`, wide);
  sameLength(targets.length, [weightTrees, weightNodes, given]);
  const weights: [number, number][][] = [];
  for (const [at, target] of targets.entries()) {
    const index = places.get(weightTrees[at] ?? 0)?.get(weightNodes[at] ?? 0);
    if (index === undefined) refuse("a weight of a node that is not there");
    // ONNX Runtime passes over weights of branches.
    if (modes[index] !== LEAF) continue;
    if (target < 0 || target >= outputs) refuse(`a weight of target ${target}`);
    (weights[index] ??= []).push([target, given[at] ?? 0]);
  }
  // With a single target a leaf counts with its first weight, or with its own value where it has none.
  if (outputs === 1) {
    for (const [index, mode] of modes.entries()) {
      if (mode === LEAF) weights[index] = [weights[index]?.[0] ?? [0, values[index] ?? 0]];
    }
  }
  const missing = Uint8Array.from(ids, (_, index) => (tracks[index] === 1 ? 1 : 0));
  return { roots, modes, features, values, missing, yes, no, weights };
}

/** Reads the attributes of the newer TreeEnsemble, whose branches and leaves are numbered apart. */
function readNewer(attributes: Attributes, wide: boolean, outputs: number): GivenTrees {
  const tensor = (name: string, element: number) => {
    const found = attributes.tensor(name);
    if (found === undefined) return new Float64Array(0);
    if (found.element !== element) refuse(`${name} of another element type than the features`);
    return found.values;
  };
  const element = wide ? ELEMENT.double : ELEMENT.float;
  const givenModes = tensor("nodes_modes", ELEMENT.uint8);
  const splits = tensor("nodes_splits", element);
  const leafWeights = tensor("leaf_weights", element);
  const leafTargets = attributes.integers("leaf_targetids");
  const features = attributes.integers("nodes_featureids");
  const tracks = attributes.integers("nodes_missing_value_tracks_true");
  const yesIds = attributes.integers("nodes_truenodeids");
  const noIds = attributes.integers("nodes_falsenodeids");
  const yesLeaves = attributes.integers("nodes_trueleafs");
  const noLeaves = attributes.integers("nodes_falseleafs");
  const branches = givenModes.length;
  sameLength(branches, [splits, features, yesIds, noIds, yesLeaves, noLeaves]);
  sameLength(leafTargets.length, [leafWeights]);
  if (givenModes.some((mode) => mode > NEQ)) refuse("branches to the members of a set");
  // First all branches, then the leaves.
  const count = branches + leafTargets.length;
  const child = (id: number, isLeaf: number) => {
    const limit = isLeaf === 0 ? branches : leafTargets.length;
    if (id < 0 || id >= limit) refuse("a branch to a node that is not there");
    return isLeaf === 0 ? id : branches + id;
  };
  const children = (ids: Float64Array, leaves: Float64Array) =>
    Int32Array.from({ length: count }, (_, index) =>
      index < branches ? child(ids[index] ?? -1, leaves[index] ?? 0) : 0,
    );
  const weights: (readonly (readonly [number, number])[] | undefined)[] = [];
  for (const [index, id] of leafTargets.entries()) {
    if (id < 0 || id >= outputs) refuse(`a weight of target ${id}`);
    weights[branches + index] = [[id, leafWeights[index] ?? 0]];
  }
  const roots = Array.from(attributes.integers("tree_roots"), (root) => {
    // ONNX Runtime takes such a root for a leaf of the root's own number.
    if (yesIds[root] === noIds[root]) refuse("a tree whose first branch leads to one place");
    return child(root, 0);
  });
  const padded = (values: Float64Array) =>
    Float64Array.from({ length: count }, (_, index) => values[index] ?? 0);
  return {
    roots,
    modes: Uint8Array.from({ length: count }, (_, index) => givenModes[index] ?? LEAF),
    features: padded(features),
    values: padded(splits),
    missing: Uint8Array.from({ length: count }, (_, index) => (tracks[index] === 1 ? 1 : 0)),
    yes: children(yesIds, yesLeaves),
    no: children(noIds, noLeaves),
    weights,
  };
}

/** Whether ONNX Runtime keeps a value that is compared for equality as a bit of a mask. */
function isMember(value: number, wide: boolean): boolean {
  return value >= 1 && value <= (wide ? 64 : 32) && Number.isInteger(value);
}

/**
 * Refuses comparisons for equality that ONNX Runtime does not carry out as they stand.
 *
 * It folds a chain of them into a set, where the subtrees that they lead to look equal to it: it compares the first weight
 * of a leaf, and not what missing values do. Where all branches compare for equality, it takes each as it takes the root.
 */
function requirePlainEquality(given: GivenTrees, wide: boolean): void {
  const { modes, features, values, missing, yes, no, weights } = given;
  if (!modes.includes(EQ)) return;
  const branches = Array.from(modes.keys()).filter((index) => modes[index] !== LEAF);
  const members = branches.filter(
    (index) => modes[index] === EQ && isMember(values[index] ?? 0, wide),
  );
  const allEqual = branches.every((index) => modes[index] === EQ);
  if (allEqual && members.length > 0 && members.length < branches.length) {
    refuse("branches that all compare for equality, with numbers that fit a set and others");
  }
  let comparisons = 0;
  const same = (a: number, b: number, strict: boolean): boolean => {
    if (a === b) return true;
    comparisons += 1;
    if (comparisons > MOST_COMPARISONS)
      refuse("chains of comparisons for equality, too long to tell apart");
    if (modes[a] !== modes[b] || features[a] !== features[b] || values[a] !== values[b])
      return false;
    if (modes[a] === LEAF) {
      const [first, second] = [weights[a] ?? [], weights[b] ?? []];
      if (!strict)
        return first.length === 0 || second.length === 0 || first[0]?.[1] === second[0]?.[1];
      return (
        first.length === second.length &&
        first.every(([target, weight], at) => {
          const [otherTarget, other] = second[at] ?? [];
          return target === otherTarget && weight === other;
        })
      );
    }
    if (strict && missing[a] !== missing[b]) return false;
    const [yesA, yesB] = [yes[a] ?? 0, yes[b] ?? 0];
    return same(no[a] ?? 0, no[b] ?? 0, strict) && same(yesA, yesB, strict);
  };
  for (const index of members) {
    const following = no[index] ?? 0;
    if (missing[index] === 1 || modes[following] !== EQ) continue;
    if (features[following] !== features[index] || !isMember(values[following] ?? 0, wide))
      continue;
    const [first, second] = [yes[index] ?? 0, yes[following] ?? 0];
    if (!same(first, second, false)) continue;
    if (missing[following] === 1 || !same(first, second, true)) {
      refuse("a chain of comparisons for equality whose branches only look equal");
    }
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** The next smaller number of a precision; NaN, which nothing is at most, below minus infinity. */
function below(value: number, wide: boolean): number {
  if (value === -Infinity) return Number.NaN;
  if (value === 0) return wide ? -Number.MIN_VALUE : -(2 ** -149);
  if (wide) {
    bits.setFloat64(0, value);
    bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n));
    return bits.getFloat64(0);
  }
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + (value > 0 ? -1 : 1));
  return bits.getFloat32(0);
}

/** The nodes of a tree, each before its children, which are found through `children`; refuses circles. */
function inOrder(root: number, children: (node: number) => readonly number[]): number[] {
  const OPEN = 1;
  const DONE = 2;
  const states = new Map<number, number>();
  const finished: number[] = [];
  const stack = [root];
  while (stack.length > 0) {
    const node = stack.at(-1) ?? 0;
    const state = states.get(node);
    if (state !== undefined) {
      stack.pop();
      if (state === OPEN) {
        states.set(node, DONE);
        finished.push(node);
      }
      continue;
    }
    states.set(node, OPEN);
    for (const child of children(node)) {
      const reached = states.get(child);
      if (reached === OPEN) refuse("a tree that leads back to itself");
      if (reached === undefined) stack.push(child);
    }
  }
  return finished.toReversed();
}

/** Brings all branches to `x <= threshold`, and numbers nodes and leaves anew. */
function normalize(given: GivenTrees, wide: boolean) {
  const { modes, features, values, missing, yes, no, weights } = given;
  const out = {
    features: [] as number[],
    thresholds: [] as number[],
    left: [] as number[],
    right: [] as number[],
    missingLeft: [] as number[],
  };
  const leafStarts = [0];
  const leafTargets: number[] = [];
  const leafWeights: number[] = [];
  const addNode = (index: number, threshold: number, missingLeft: number) => {
    out.features.push(features[index] ?? 0);
    out.thresholds.push(threshold);
    out.left.push(0);
    out.right.push(0);
    out.missingLeft.push(missingLeft);
    return out.left.length - 1;
  };
  const place = new Map<number, number>();
  const roots = given.roots.map((root) => {
    const order = inOrder(root, (node) =>
      modes[node] === LEAF ? [] : [no[node] ?? 0, yes[node] ?? 0],
    );
    for (const index of order) {
      const mode = modes[index] ?? LEAF;
      const value = values[index] ?? 0;
      if (mode === LEAF) {
        for (const [target, weight] of weights[index] ?? []) {
          if (!Number.isFinite(weight)) refuse("a leaf whose weight is not finite");
          leafTargets.push(target);
          leafWeights.push(weight);
        }
        leafStarts.push(leafTargets.length);
        place.set(index, ~(leafStarts.length - 2));
        continue;
      }
      if (Number.isNaN(value)) refuse("a branch that compares with NaN");
      const tracks = missing[index] ?? 0;
      if (mode === EQ || mode === NEQ) {
        // At most the value, and not below it. NaN leaves at the first, as unequal, unless it is tracked.
        const equalTo = mode === EQ;
        place.set(index, addNode(index, value, equalTo ? tracks : 0));
        addNode(index, below(value, wide), 0);
        continue;
      }
      const strict = mode === LT || mode === GTE;
      const swapped = mode === GTE || mode === GT;
      const threshold = strict ? below(value, wide) : value;
      // Where sides are swapped, NaN has to go left to the false branch, unless it is tracked.
      place.set(index, addNode(index, threshold, swapped ? 1 - tracks : tracks));
    }
    for (const index of order) {
      const mode = modes[index] ?? LEAF;
      if (mode === LEAF) continue;
      const node = place.get(index) ?? 0;
      const [holds, fails] = [place.get(yes[index] ?? 0) ?? 0, place.get(no[index] ?? 0) ?? 0];
      if (mode === EQ || mode === NEQ) {
        const [equal, unequal] = mode === EQ ? [holds, fails] : [fails, holds];
        out.left[node] = node + 1;
        out.right[node] = unequal;
        out.left[node + 1] = unequal;
        out.right[node + 1] = equal;
      } else if (mode === GTE || mode === GT) {
        out.left[node] = fails;
        out.right[node] = holds;
      } else {
        out.left[node] = holds;
        out.right[node] = fails;
      }
    }
    return place.get(root) ?? 0;
  });
  const numbers = (list: readonly number[]): TreeNumbers =>
    wide ? Float64Array.from(list) : Float32Array.from(list);
  return {
    roots: Int32Array.from(roots),
    features: Int32Array.from(out.features),
    thresholds: numbers(out.thresholds),
    left: Int32Array.from(out.left),
    right: Int32Array.from(out.right),
    missingLeft: Uint8Array.from(out.missingLeft),
    leafStarts: Int32Array.from(leafStarts),
    leafTargets: Int32Array.from(leafTargets),
    leafWeights: numbers(leafWeights),
  };
}

/** Whether the leaves of some tree all have weights: else a row may have no class, where there are no base values. */
function everyRowIsScored(given: GivenTrees): boolean {
  const { modes, yes, no, weights } = given;
  return given.roots.some((root) =>
    inOrder(root, (node) => (modes[node] === LEAF ? [] : [no[node] ?? 0, yes[node] ?? 0])).every(
      (node) => modes[node] !== LEAF || (weights[node]?.length ?? 0) > 0,
    ),
  );
}

/** Base values of the sums: none, or one per sum; one column of weights for two classes may have one for both. */
function baseValuesOf(
  attributes: Attributes,
  wide: boolean,
  outputs: number,
  oneColumn = false,
): TreeNumbers {
  const values = numbersOf(attributes, "base_values", "base_values_as_tensor", wide);
  const single = oneColumn && values.length === 1;
  if (values.length !== 0 && values.length !== outputs && !single) {
    refuse(`${values.length} base values of ${outputs} sums`);
  }
  return wide ? values : Float32Array.from(values);
}

function readClassifier(attributes: Attributes, wide: boolean): ReadTrees {
  const textLabels = attributes.texts("classlabels_strings");
  const labels = attributes.integers("classlabels_int64s");
  const outputs = textLabels.length || labels.length;
  if (outputs < 2) refuse("a classifier of less than two classes");
  const given = readGiven(attributes, wide, outputs, "class");
  requirePlainEquality(given, wide);
  const weights = numbersOf(attributes, "class_weights", "class_weights_as_tensor", wide);
  const targets = new Set(attributes.integers("class_ids"));
  const oneColumn = outputs === 2 && targets.size === 1;
  const baseValues = baseValuesOf(attributes, wide, outputs, oneColumn);
  if (outputs > 2 && baseValues.length === 0 && !everyRowIsScored(given)) {
    refuse("leaves without a weight, which may leave a row without a class");
  }
  return {
    ...normalize(given, wide),
    outputs,
    sums: wide ? "double" : "float",
    // TreeEnsembleClassifier adds up, whatever it says.
    aggregate: "sum",
    postTransform: known(
      POST_TRANSFORMS,
      "post-transform",
      attributes.text("post_transform", "NONE"),
    ),
    baseValues,
    classifier: {
      labels: textLabels.length > 0 ? Float64Array.from(textLabels.keys()) : labels,
      oneColumn,
      positive: weights.every((weight) => !(weight < 0)),
    },
    ...(textLabels.length > 0 ? { textLabels } : {}),
  };
}

function readRegressor(attributes: Attributes, wide: boolean): ReadTrees {
  const outputs = attributes.integer("n_targets", 0);
  if (outputs < 1) refuse("no target");
  const given = readGiven(attributes, wide, outputs, "target");
  requirePlainEquality(given, wide);
  const post = known(POST_TRANSFORMS, "post-transform", attributes.text("post_transform", "NONE"));
  const baseValues = baseValuesOf(attributes, wide, outputs);
  return {
    ...normalize(given, wide),
    outputs,
    sums: wide ? "double" : "float",
    aggregate: known(
      AGGREGATES,
      "aggregate function",
      attributes.text("aggregate_function", "SUM"),
    ),
    postTransform: post,
    baseValues,
  };
}

const NEWER_AGGREGATES: readonly Aggregate[] = ["average", "sum", "min", "max"];

/** In the order of ONNX Runtime, which is not that of the specification; PROBIT would follow. */
const NEWER_POST_TRANSFORMS: readonly PostTransform[] = [
  "none",
  "logistic",
  "softmax",
  "softmax-zero",
];

function readEnsemble(attributes: Attributes, wide: boolean): ReadTrees {
  const outputs = attributes.integer("n_targets", 0);
  if (outputs < 1) refuse("no target");
  const given = readNewer(attributes, wide, outputs);
  requirePlainEquality(given, wide);
  const aggregate = attributes.integer("aggregate_function", 1);
  const post = attributes.integer("post_transform", 0);
  return {
    ...normalize(given, wide),
    outputs,
    sums: wide ? "double" : "float",
    aggregate: NEWER_AGGREGATES[aggregate] ?? refuse(`aggregate function ${aggregate}`),
    postTransform: NEWER_POST_TRANSFORMS[post] ?? refuse(`post-transform ${post}`),
    baseValues: wide ? new Float64Array(0) : new Float32Array(0),
  };
}

/** Reads a tree ensemble whose features are float64 (`wide`) or float32; throws {@link NotEvaluated}. */
export function readTrees(node: ReadNode, wide: boolean): ReadTrees {
  const attributes = new Attributes(node);
  if (node.operator === "TreeEnsembleClassifier") return readClassifier(attributes, wide);
  if (node.operator === "TreeEnsembleRegressor") return readRegressor(attributes, wide);
  return readEnsemble(attributes, wide);
}
