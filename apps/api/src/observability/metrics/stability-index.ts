/** Share that stands in for none, so that a logarithm exists. */
const LEAST_SHARE = 1e-4;

/** The levels whose quantiles cut the training range into bins. */
const LEVELS = ["0.1", "0.25", "0.5", "0.75", "0.9"];

interface Bins {
  /** Upper bounds of all bins but the last, rising. */
  readonly edges: readonly number[];
  /** Share of the training rows in each bin, one more than edges. */
  readonly expected: readonly number[];
}

/** Bins between the training quantiles; equal quantiles, as whole numbers have them, make one edge. */
function binsOf(quantiles: Readonly<Record<string, number>>): Bins {
  const edges: number[] = [];
  const below: number[] = [];
  for (const level of LEVELS) {
    const edge = quantiles[level];
    if (edge === undefined) continue;
    if (edges.at(-1) === edge) below.pop();
    else edges.push(edge);
    below.push(Number(level));
  }
  const bounds = [0, ...below, 1];
  return { edges, expected: bounds.slice(1).map((level, bin) => level - (bounds[bin] ?? 0)) };
}

/**
 * The population stability index of values against the quantiles of training: the sum over bins of
 * `(share - expected) * ln(share / expected)`. Below 0.1 little has changed, above 0.25 much has.
 */
export function stabilityIndex(
  values: Iterable<number>,
  quantiles: Readonly<Record<string, number>>,
): number {
  const { edges, expected } = binsOf(quantiles);
  const counts = expected.map(() => 0);
  let total = 0;
  for (const value of values) {
    const found = edges.findIndex((edge) => value <= edge);
    const bin = found === -1 ? edges.length : found;
    counts[bin] = (counts[bin] ?? 0) + 1;
    total += 1;
  }
  return expected.reduce((sum, share, bin) => {
    const actual = Math.max((counts[bin] ?? 0) / total, LEAST_SHARE);
    return sum + (actual - share) * Math.log(actual / share);
  }, 0);
}
