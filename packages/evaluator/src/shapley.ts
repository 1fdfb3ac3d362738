import { createEvaluator, createRegisters, prepareSteps, type Evaluator } from "./evaluate.ts";
import type { EvaluatorModel, LinearModel, Step, TreesModel } from "./evaluator-model.ts";
import {
  featuresBehind,
  NO_FEATURE,
  planTrees,
  type ExplainPlan,
  type PlannedEnsemble,
} from "./explain-plan.ts";
import { BLOCK_ROWS } from "./tree-sums.ts";

/** Exact Shapley values of a row against background rows. */
interface ShapleyValues {
  /** Mean prediction of the background, one an output. */
  readonly base: Float64Array;
  /** `[width, outputs]`, feature after feature. */
  readonly contributions: Float64Array;
  readonly method: "tree" | "linear";
}

interface Explained {
  readonly plan: ExplainPlan;
  readonly evaluator: Evaluator;
}

/** What was found out about a model, as long as the model is kept. */
const plans = new WeakMap<TreesModel, Explained | "not affine">();

function explainedOf(model: TreesModel): Explained | undefined {
  const known = plans.get(model);
  if (known !== undefined) return known === "not affine" ? undefined : known;
  const plan = planTrees(model);
  const made = plan && { plan, evaluator: createEvaluator(model) };
  plans.set(model, made ?? "not affine");
  return made;
}

/** Prepares rows `[n, width]`, and gives what the registers hold of them, row after row. */
function prepareRows(
  model: Pick<EvaluatorModel, "registers">,
  steps: readonly Step[],
  rows: Float32Array,
  wanted: readonly number[],
): Float64Array[] {
  const width = model.registers[0]?.width ?? 0;
  const count = rows.length / width;
  const registers = createRegisters(model.registers);
  const run = prepareSteps({ registers: model.registers, steps }, registers);
  const made = wanted.map(
    (register) => new Float64Array(count * (model.registers[register]?.width ?? 0)),
  );
  for (let start = 0; start < count; start += BLOCK_ROWS) {
    const block = Math.min(BLOCK_ROWS, count - start);
    registers[0]?.set(rows.subarray(start * width, (start + block) * width));
    run(block);
    for (const [index, register] of wanted.entries()) {
      const size = model.registers[register]?.width ?? 0;
      const from = registers[register]?.subarray(0, block * size);
      if (from !== undefined) made[index]?.set(from, start * size);
    }
  }
  return made;
}

/** `p! q! / (p + q + 1)!`, by `q * size + p`. */
function orderShares(size: number): Float64Array {
  const shares = new Float64Array(size * size);
  for (let q = 0; q < size; q += 1) {
    // Each step from p - 1 to p takes one factor of the numerator and one of the denominator.
    let share = 1 / (q + 1);
    for (let p = 0; p < size; p += 1) {
      if (p > 0) share *= p / (p + q + 1);
      shares[q * size + p] = share;
    }
  }
  return shares;
}

/**
 * Adds the Shapley values of an ensemble's sums, of a row against each background row, to `contributions` `[features, sums]`,
 * and the sums of the background to `base`.
 *
 * Interventional TreeSHAP: a branch that the row and the background row take differently is followed to both sides, unless
 * its feature is decided already. A leaf for which `p` features have to come from the row and `q` from the background is the
 * prediction of exactly the coalitions with the first and without the second.
 */
function addEnsemble(
  { step, players, firstSum }: PlannedEnsemble,
  row: Float64Array,
  background: Float64Array,
  features: number,
  sums: number,
  contributions: Float64Array,
  base: Float64Array,
): void {
  const { roots, features: columns, thresholds, left, right, missingLeft } = step;
  const { leafStarts, leafTargets, leafWeights } = step;
  const width = players.length;
  const goesLeft = (values: Float64Array, start: number, node: number): boolean => {
    const value = values[start + (columns[node] ?? 0)] ?? 0;
    return value <= (thresholds[node] ?? 0) || (value !== value && missingLeft[node] === 1);
  };
  // The row takes each branch the same way whatever the background row.
  const rowChild = Int32Array.from(left, (child, node) =>
    goesLeft(row, 0, node) ? child : (right[node] ?? 0),
  );
  const size = features + 1;
  const shares = orderShares(size);
  /** 1: from the row; 2: from the background row; 0: not decided. */
  const sides = new Uint8Array(features);
  const fromRow = new Int32Array(features);
  const fromBackground = new Int32Array(features);
  let start = 0;
  const addLeaf = (leaf: number, p: number, q: number) => {
    const end = leafStarts[leaf + 1] ?? 0;
    for (let at = leafStarts[leaf] ?? 0; at < end; at += 1) {
      const sum = firstSum + (leafTargets[at] ?? 0);
      const weight = leafWeights[at] ?? 0;
      if (p === 0) base[sum] = (base[sum] ?? 0) + weight;
      if (p > 0) {
        const gained = weight * (shares[q * size + p - 1] ?? 0);
        for (let index = 0; index < p; index += 1) {
          const place = (fromRow[index] ?? 0) * sums + sum;
          contributions[place] = (contributions[place] ?? 0) + gained;
        }
      }
      if (q > 0) {
        const lost = weight * (shares[(q - 1) * size + p] ?? 0);
        for (let index = 0; index < q; index += 1) {
          const place = (fromBackground[index] ?? 0) * sums + sum;
          contributions[place] = (contributions[place] ?? 0) - lost;
        }
      }
    }
  };
  const visit = (from: number, p: number, q: number): void => {
    let node = from;
    while (node >= 0) {
      const ofRow = rowChild[node] ?? 0;
      const other = goesLeft(background, start, node) ? (left[node] ?? 0) : (right[node] ?? 0);
      if (ofRow === other) {
        node = other;
        continue;
      }
      const player = players[columns[node] ?? 0] ?? NO_FEATURE;
      // A constant column sends both the same way.
      const side = sides[player] ?? 0;
      if (side === 1) node = ofRow;
      else if (side === 2) node = other;
      else {
        sides[player] = 1;
        fromRow[p] = player;
        visit(ofRow, p + 1, q);
        sides[player] = 2;
        fromBackground[q] = player;
        visit(other, p, q + 1);
        sides[player] = 0;
        return;
      }
    }
    addLeaf(~node, p, q);
  };
  const rows = background.length / width;
  for (const root of roots) {
    for (let index = 0; index < rows; index += 1) {
      start = index * width;
      visit(root, 0, 0);
    }
  }
}

/** Lets base and contributions add up to the prediction, which is rounded to float32 at every step: in proportion to their size. */
function settle(
  contributions: Float64Array,
  base: Float64Array,
  prediction: ArrayLike<number>,
): void {
  const outputs = base.length;
  for (let output = 0; output < outputs; output += 1) {
    let total = base[output] ?? 0;
    let size = 0;
    for (let at = output; at < contributions.length; at += outputs) {
      total += contributions[at] ?? 0;
      size += Math.abs(contributions[at] ?? 0);
    }
    const rest = (prediction[output] ?? 0) - total;
    if (size === 0) base[output] = (base[output] ?? 0) + rest;
    else {
      for (let at = output; at < contributions.length; at += outputs) {
        const value = contributions[at] ?? 0;
        contributions[at] = value + (rest * Math.abs(value)) / size;
      }
    }
  }
}

function explainTrees(
  model: TreesModel,
  row: Float32Array,
  background: Float32Array,
): ShapleyValues | undefined {
  const explained = explainedOf(model);
  if (explained === undefined) return undefined;
  const { plan, evaluator } = explained;
  const { ensembles, sums, results, preparation } = plan;
  const features = evaluator.width;
  const count = background.length / features;
  const inputs = ensembles.map(({ step }) => step.input);
  const rowInputs = prepareRows(model, preparation, row, inputs);
  const backgroundInputs = prepareRows(model, preparation, background, inputs);
  const bySum = new Float64Array(features * sums);
  const baseBySum = new Float64Array(sums);
  for (const [index, ensemble] of ensembles.entries()) {
    const [ofRow, ofBackground] = [rowInputs[index], backgroundInputs[index]];
    if (ofRow === undefined || ofBackground === undefined) continue;
    addEnsemble(ensemble, ofRow, ofBackground, features, sums, bySum, baseBySum);
  }
  const outputs = results.length;
  const contributions = new Float64Array(features * outputs);
  const base = new Float64Array(outputs);
  for (const [output, weights] of results.entries()) {
    base[output] = weights[sums] ?? 0;
    for (let sum = 0; sum < sums; sum += 1) {
      const weight = (weights[sum] ?? 0) / count;
      base[output] = (base[output] ?? 0) + weight * (baseBySum[sum] ?? 0);
      for (let feature = 0; feature < features; feature += 1) {
        const place = feature * outputs + output;
        contributions[place] =
          (contributions[place] ?? 0) + weight * (bySum[feature * sums + sum] ?? 0);
      }
    }
  }
  settle(contributions, base, evaluator.evaluate(row, 1).values);
  return { base, contributions, method: "tree" };
}

function explainLinear(
  model: LinearModel,
  row: Float32Array,
  background: Float32Array,
): ShapleyValues | undefined {
  const behind = featuresBehind(model)[model.columns];
  const columns = behind?.length ?? 0;
  if (behind === undefined || behind.some((feature) => feature < NO_FEATURE)) return undefined;
  const features = model.registers[0]?.width ?? 0;
  const outputs = model.intercepts.length;
  const [values = new Float64Array(0)] = prepareRows(model, model.steps, row, [model.columns]);
  const [others = new Float64Array(0)] = prepareRows(model, model.steps, background, [
    model.columns,
  ]);
  const count = others.length / columns;
  const contributions = new Float64Array(features * outputs);
  const base = Float64Array.from(model.intercepts);
  for (const [column, feature] of behind.entries()) {
    let mean = 0;
    for (let at = column; at < others.length; at += columns) mean += (others[at] ?? 0) / count;
    for (let output = 0; output < outputs; output += 1) {
      const weight = model.weights[column * outputs + output] ?? 0;
      base[output] = (base[output] ?? 0) + weight * mean;
      if (feature === NO_FEATURE) continue;
      const place = feature * outputs + output;
      contributions[place] = (contributions[place] ?? 0) + weight * ((values[column] ?? 0) - mean);
    }
  }
  return { base, contributions, method: "linear" };
}

/**
 * Exact Shapley values of every output column of a row, against background rows: for any coalition the features outside of
 * it are taken from each background row in turn.
 *
 * Trees by interventional TreeSHAP, where the results are weighted sums of leaves; linear models in closed form; in float64.
 * `undefined` where neither applies: results behind a logistic or softmax function, smallest or largest leaves, labels alone,
 * and columns that are made of several features.
 */
export function shapleyValues(
  model: EvaluatorModel,
  row: Float32Array,
  background: Float32Array,
): ShapleyValues | undefined {
  return model.kind === "trees"
    ? explainTrees(model, row, background)
    : explainLinear(model, row, background);
}
