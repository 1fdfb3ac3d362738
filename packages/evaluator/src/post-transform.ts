import { exp32 } from "./exp.ts";
import type { PostTransform, TreesStep } from "./evaluator-model.ts";

const { abs, fround } = Math;

/** Numbers beneath which SOFTMAX_ZERO takes a sum for zero. */
const NEARLY_ZERO = fround(0.0000001);

function logistic(x: number): number {
  const v = fround(1 / fround(1 + exp32(-abs(x))));
  return x < 0 ? fround(1 - v) : v;
}

/** What ONNX Runtime takes for the largest of no sum. */
const LOWEST = -3.4028234663852886e38;

function largest(sums: Float64Array, count: number): number {
  let most = LOWEST;
  for (let index = 0; index < count; index += 1) {
    const sum = fround(sums[index] ?? 0);
    if (sum > most) most = sum;
  }
  return most;
}

function softmax(sums: Float64Array, count: number): void {
  const most = largest(sums, count);
  let total = 0;
  for (let index = 0; index < count; index += 1) {
    const power = exp32(fround(fround(sums[index] ?? 0) - most));
    sums[index] = power;
    total = fround(total + power);
  }
  for (let index = 0; index < count; index += 1) {
    sums[index] = fround((sums[index] ?? 0) / total);
  }
}

/** `narrow`: sums are float32, else float64. */
function softmaxZero(sums: Float64Array, count: number, narrow: boolean): void {
  const most = largest(sums, count);
  const lowest = exp32(-most);
  let total = 0;
  for (let index = 0; index < count; index += 1) {
    const sum = fround(sums[index] ?? 0);
    if (sum > NEARLY_ZERO || sum < -NEARLY_ZERO) {
      const power = exp32(fround(sum - most));
      sums[index] = power;
      total = fround(total + power);
    } else {
      const product = (sums[index] ?? 0) * lowest;
      sums[index] = narrow ? fround(product) : product;
    }
  }
  for (let index = 0; index < count; index += 1) {
    const quotient = (sums[index] ?? 0) / total;
    sums[index] = narrow ? fround(quotient) : quotient;
  }
}

function transform(sums: Float64Array, post: PostTransform, narrow: boolean): void {
  const count = sums.length;
  if (post === "softmax") softmax(sums, count);
  else if (post === "softmax-zero") softmaxZero(sums, count, narrow);
  else if (post === "logistic") {
    for (let index = 0; index < count; index += 1) {
      sums[index] = logistic(fround(sums[index] ?? 0));
    }
  }
}

/**
 * Makes the results of a row of its sums, in place: adds base values and applies the post-transform.
 *
 * `scored` says which sums any leaf has added to; 0 and 1. Returns the class of a classifier, else 0. Roundings, and what
 * is done with sums that nothing was added to, are those of ONNX Runtime's `FinalizeScores` and `write_scores`.
 */
export type Finish = (sums: Float64Array, scored: Uint8Array) => number;

function rounding(narrow: boolean): (value: number) => number {
  return narrow ? fround : (value) => value;
}

function clearUnscored(sums: Float64Array, scored: Uint8Array): void {
  for (let index = 0; index < sums.length; index += 1) {
    if (scored[index] === 0) sums[index] = 0;
  }
}

function finishOne({ aggregate, baseValues, sums: kind, roots }: TreesStep): Finish {
  const round = rounding(kind === "float");
  const [base = 0] = baseValues;
  const trees = kind === "float" ? fround(roots.length) : roots.length;
  return (sums) => {
    const sum = sums[0] ?? 0;
    sums[0] = round((aggregate === "average" ? round(sum / trees) : sum) + base);
    // The post-transform of a single target is not applied.
    return 0;
  };
}

function finishRegressor(step: TreesStep, targets: number): Finish {
  const { aggregate, baseValues, sums: kind, roots, postTransform } = step;
  const narrow = kind === "float";
  const round = rounding(narrow);
  const trees = narrow ? fround(roots.length) : roots.length;
  const based = baseValues.length > 0;
  const extreme = aggregate === "min" || aggregate === "max";
  return (sums, scored) => {
    for (let index = 0; index < targets; index += 1) {
      let sum = sums[index] ?? 0;
      if (aggregate === "average") sum = round(sum / trees);
      if (based) sum = round(sum + (baseValues[index] ?? 0));
      else if (extreme) sum += 0;
      sums[index] = sum;
    }
    clearUnscored(sums, scored);
    transform(sums, postTransform, narrow);
    return 0;
  };
}

function finishClasses(step: TreesStep, labels: Float64Array): Finish {
  const { baseValues, sums: kind, postTransform } = step;
  const narrow = kind === "float";
  const round = rounding(narrow);
  return (sums, scored) => {
    for (let index = 0; index < baseValues.length; index += 1) {
      const base = baseValues[index] ?? 0;
      sums[index] = scored[index] === 0 ? base : round((sums[index] ?? 0) + base);
      scored[index] = 1;
    }
    let best = -1;
    let most = 0;
    for (let index = 0; index < sums.length; index += 1) {
      const sum = sums[index] ?? 0;
      if (scored[index] === 1 && (best === -1 || sum > most)) {
        best = index;
        most = sum;
      }
    }
    clearUnscored(sums, scored);
    transform(sums, postTransform, narrow);
    return labels[best] ?? 0;
  };
}

function finishTwoClasses(
  step: TreesStep,
  { labels, oneColumn, positive }: NonNullable<TreesStep["classifier"]>,
): Finish {
  const { baseValues, sums: kind, postTransform } = step;
  const narrow = kind === "float";
  const round = rounding(narrow);
  const [base0 = 0, base1 = 0] = baseValues;
  const [label0 = 0, label1 = 1] = labels;
  return (sums, scored) => {
    let single = false;
    if (baseValues.length === 2) {
      if (scored[1] === 1) {
        sums[1] = round(base1 + (sums[0] ?? 0));
        sums[0] = -(sums[1] ?? 0);
      } else {
        sums[1] = round((sums[1] ?? 0) + base1);
        sums[0] = round((sums[0] ?? 0) + base0);
      }
    } else {
      if (baseValues.length === 1) sums[0] = round((sums[0] ?? 0) + base0);
      single = scored[1] === 0;
    }
    const weight = scored[1] === 1 ? (sums[1] ?? 0) : scored[0] === 1 ? (sums[0] ?? 0) : 0;
    const wins = oneColumn && positive ? weight > 0.5 : weight > 0;
    const winner = oneColumn ? (wins ? label1 : label0) : wins ? 1 : 0;
    clearUnscored(sums, scored);
    if (!single) {
      transform(sums, postTransform, narrow);
      return winner;
    }
    const sum = sums[0] ?? 0;
    if (oneColumn && positive) {
      sums[1] = sum;
      sums[0] = round(1 - sum);
    } else if (postTransform === "logistic") {
      sums[1] = logistic(fround(sum));
      sums[0] = logistic(fround(scored[0] === 1 ? -sum : 0));
    } else {
      sums[1] = sum;
      sums[0] = scored[0] === 1 ? -sum : 0;
    }
    return winner;
  };
}

/** What an ensemble does with the sums of a row. */
export function finishOf(step: TreesStep, outputs: number): Finish {
  const { classifier } = step;
  if (classifier === undefined) {
    return outputs === 1 ? finishOne(step) : finishRegressor(step, outputs);
  }
  return outputs === 2
    ? finishTwoClasses(step, classifier)
    : finishClasses(step, classifier.labels);
}
