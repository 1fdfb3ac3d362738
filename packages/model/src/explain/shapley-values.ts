/** The average answer and what each feature adds to it. */
export interface ShapleyValues {
  /** `[classes]`: the value of the empty coalition. */
  readonly base: number[];
  /** `[features, classes]`; base and contributions sum to the value of all features together. */
  readonly contributions: number[][];
}

/**
 * `weights[size]` is what joining a coalition of `size` of the other features counts:
 * `size! (n - size - 1)! / n!`, which is `1 / (n * C(n - 1, size))`.
 */
function coalitionWeights(features: number): number[] {
  const weights = [1 / features];
  for (let size = 1; size < features; size += 1) {
    weights.push(((weights[size - 1] ?? 0) * size) / (features - size));
  }
  return weights;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/**
 * Shapley values of a game: `values` is `[2^features, classes]`, where bit i of a coalition's index
 * says that feature i belongs to it. Lundberg and Lee 2017, equation 4.
 */
export function shapleyValues(
  values: Float64Array,
  features: number,
  classes: number,
): ShapleyValues {
  const weights = coalitionWeights(features);
  const base = [...values.subarray(0, classes)];
  const contributions = Array.from({ length: features }, (_, feature) => {
    const added = new Float64Array(classes);
    const bit = 2 ** feature;
    for (let mask = 0; mask < 2 ** features; mask += 1) {
      if ((mask & bit) !== 0) continue;
      const weight = weights[bitCount(mask)] ?? 0;
      for (let index = 0; index < classes; index += 1) {
        const joined = values[(mask | bit) * classes + index] ?? Number.NaN;
        const alone = values[mask * classes + index] ?? Number.NaN;
        added[index] = (added[index] ?? 0) + weight * (joined - alone);
      }
    }
    return [...added];
  });
  return { base, contributions };
}
