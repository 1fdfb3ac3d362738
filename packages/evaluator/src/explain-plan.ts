import type { EvaluatorModel, Step, TreesModel, TreesStep } from "./evaluator-model.ts";
import { alwaysScoredBy } from "./tree-sums.ts";

/** A column that depends on no feature. */
export const NO_FEATURE = -1;

/** A column that depends on several features. */
const SEVERAL = -2;

/** A result as a weighted sum of the sums of all ensembles, and a constant behind them. */
type Affine = Float64Array;

/** An ensemble, the features behind its columns, and where its sums begin among all. */
export interface PlannedEnsemble {
  readonly step: TreesStep;
  /** The feature that each column of the input depends on, or NO_FEATURE. */
  readonly players: Int32Array;
  readonly firstSum: number;
  readonly outputs: number;
}

/** How a model of trees is explained. */
export interface ExplainPlan {
  readonly ensembles: readonly PlannedEnsemble[];
  readonly sums: number;
  /** Each result, as its weights of all sums and a constant. */
  readonly results: readonly Affine[];
  /** Steps that prepare the inputs of the ensembles. */
  readonly preparation: readonly Step[];
}

/** Most ways from a root to leaves: a graph that shares nodes may have far more than leaves. */
const MOST_WAYS = 1_000_000;

/** Deepest tree that is explained. */
const MOST_DEPTH = 1000;

function inputsOf(step: Step): number[] {
  switch (step.kind) {
    case "constant":
      return [];
    case "columns":
      return [...step.inputs];
    case "binary":
      return [step.left, step.right];
    case "where":
      return [step.condition, step.left, step.right];
    default:
      return [step.input];
  }
}

function merged(a: number, b: number): number {
  if (a === b || b === NO_FEATURE) return a;
  return a === NO_FEATURE ? b : SEVERAL;
}

/** The feature behind each column of every register that no ensemble is behind; `undefined` for the others. */
export function featuresBehind({
  registers,
  steps,
}: Pick<EvaluatorModel, "registers" | "steps">): (Int32Array | undefined)[] {
  const behind: (Int32Array | undefined)[] = registers.map(() => undefined);
  behind[0] = Int32Array.from({ length: registers[0]?.width ?? 0 }, (_, column) => column);
  for (const step of steps) {
    if (step.kind === "trees") continue;
    const inputs = inputsOf(step).map((register) => behind[register]);
    if (inputs.some((input) => input === undefined)) continue;
    const width = registers[step.output]?.width ?? 0;
    const at = (input: Int32Array | undefined, column: number) =>
      input?.[input.length === 1 ? 0 : column] ?? NO_FEATURE;
    behind[step.output] = Int32Array.from({ length: width }, (_, column) => {
      if (step.kind === "columns") return inputs[column]?.[step.columns[column] ?? 0] ?? NO_FEATURE;
      if (step.kind === "one-hot") return at(inputs[0], Math.floor(column / step.keys.length));
      if (step.kind === "arg") return [...(inputs[0] ?? [])].reduce(merged, NO_FEATURE);
      return inputs.map((input) => at(input, column)).reduce(merged, NO_FEATURE);
    });
  }
  return behind;
}

/** The results of an ensemble by its sums: weights of them and a constant; `undefined` where they are not affine. */
function resultsBySums(step: TreesStep, outputs: number): Affine[] | undefined {
  const { aggregate, postTransform, baseValues, classifier, roots } = step;
  if (aggregate === "min" || aggregate === "max") return undefined;
  // The post-transform of a single target is not applied.
  if (postTransform !== "none" && outputs > 1) return undefined;
  const scale = aggregate === "average" ? 1 / roots.length : 1;
  const unit = (index: number, weight: number, constant: number) => {
    const affine = new Float64Array(outputs + 1);
    affine[index] = weight;
    affine[outputs] = constant;
    return affine;
  };
  const plain = Array.from({ length: outputs }, (_, index) =>
    unit(index, scale, baseValues[index] ?? 0),
  );
  const always = alwaysScoredBy(step, outputs);
  if (classifier === undefined) {
    const based = baseValues.length > 0 && outputs > 1;
    return based && always.includes(0) ? undefined : plain;
  }
  if (outputs > 2) return plain;
  const secondEver = step.leafTargets.includes(1);
  if (secondEver && always[1] === 0) return undefined;
  const [base0 = 0, base1 = 0] = baseValues;
  if (baseValues.length > 0 && always[0] === 0) return undefined;
  if (baseValues.length === 2) {
    // A second class without weights counts as if nothing were there, whatever its base value.
    if (!secondEver) return [unit(0, 1, base0), unit(1, 0, 0)];
    return [unit(0, -1, -base1), unit(0, 1, base1)];
  }
  if (secondEver) return plain;
  return classifier.oneColumn && classifier.positive
    ? [unit(0, -1, 1 - base0), unit(0, 1, base0)]
    : [unit(0, -1, -base0), unit(0, 1, base0)];
}

/** Whether a recursion through the trees ends in bounded time. */
function isBounded({ left, right, roots }: TreesStep): boolean {
  const ways = new Float64Array(left.length);
  const depths = new Float64Array(left.length);
  const of = (list: Float64Array, node: number, leaf: number) =>
    node < 0 ? leaf : (list[node] ?? leaf);
  // Children have a higher index.
  for (let node = left.length - 1; node >= 0; node -= 1) {
    const [a, b] = [left[node] ?? -1, right[node] ?? -1];
    ways[node] = of(ways, a, 1) + of(ways, b, 1);
    depths[node] = 1 + Math.max(of(depths, a, 0), of(depths, b, 0));
  }
  return roots.every((root) => of(ways, root, 1) <= MOST_WAYS && of(depths, root, 0) <= MOST_DEPTH);
}

/** Combines the columns of operands; `undefined` where the result is not affine. */
function combine(operator: string, a: Affine, b: Affine): Affine | undefined {
  const last = a.length - 1;
  const constant = (affine: Affine) =>
    affine.every((value, index) => index === last || value === 0);
  switch (operator) {
    case "add":
      return a.map((value, index) => value + (b[index] ?? 0));
    case "subtract":
      return a.map((value, index) => value - (b[index] ?? 0));
    case "multiply":
      if (constant(b)) return a.map((value) => value * (b[last] ?? 0));
      return constant(a) ? b.map((value) => value * (a[last] ?? 0)) : undefined;
    case "divide":
      return constant(b) ? a.map((value) => value / (b[last] ?? 0)) : undefined;
    default:
      return undefined;
  }
}

/** Plans the explanation of a model whose results are weighted sums of leaves; `undefined` of any other. */
export function planTrees(model: TreesModel): ExplainPlan | undefined {
  const { registers, steps, results } = model;
  if (results.values === undefined) return undefined;
  const behind = featuresBehind(model);
  const widthOf = (register: number) => registers[register]?.width ?? 0;
  const ensembles: PlannedEnsemble[] = [];
  let sums = 0;
  for (const step of steps) {
    if (step.kind !== "trees") continue;
    const players = behind[step.input];
    if (players === undefined || !isBounded(step)) return undefined;
    if (step.features.some((feature) => players[feature] === SEVERAL)) return undefined;
    const outputs = widthOf(step.output);
    ensembles.push({ step, players, firstSum: sums, outputs });
    sums += outputs;
  }
  const affine: (readonly Affine[] | undefined)[] = registers.map(() => undefined);
  for (const step of steps) {
    const width = widthOf(step.output);
    const constants = (values: Float64Array) =>
      Array.from(values, (value) => {
        const made = new Float64Array(sums + 1);
        made[sums] = value;
        return made;
      });
    if (step.kind === "trees") {
      const planned = ensembles.find((each) => each.step === step);
      const own = planned && resultsBySums(step, planned.outputs);
      affine[step.output] = own?.map((weights) => {
        const made = new Float64Array(sums + 1);
        made.set(weights.subarray(0, width), planned?.firstSum);
        made[sums] = weights[width] ?? 0;
        return made;
      });
    } else if (step.kind === "constant") affine[step.output] = constants(step.values);
    else if (step.kind === "cast") {
      const exact = ["float", "double"].includes(registers[step.output]?.element ?? "");
      affine[step.output] = exact ? affine[step.input] : undefined;
    } else if (step.kind === "columns") {
      const found = Array.from(
        step.inputs,
        (input, column) => affine[input]?.[step.columns[column] ?? 0],
      ).filter((each) => each !== undefined);
      affine[step.output] = found.length === width ? found : undefined;
    } else if (step.kind === "binary") {
      const [a, b] = [affine[step.left], affine[step.right]];
      const found = Array.from({ length: width }, (_, column) => {
        const [left, right] = [a?.[a.length === 1 ? 0 : column], b?.[b.length === 1 ? 0 : column]];
        return left && right ? combine(step.operator, left, right) : undefined;
      }).filter((each) => each !== undefined);
      affine[step.output] = found.length === width ? found : undefined;
    }
  }
  const planned = affine[results.values];
  if (planned === undefined) return undefined;
  return {
    ensembles,
    sums,
    results: planned,
    preparation: steps.filter((step) => step.kind !== "trees" && behind[step.output] !== undefined),
  };
}
