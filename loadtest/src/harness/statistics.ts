/** Middle and extremes of repeated measurements. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One measured value of a round. */
export interface RoundValue {
  readonly round: number;
  readonly value: number;
}

/** A value at a time, in any units. */
export type Point = readonly [x: number, y: number];

/** When requests are due: at even distances, or as independent users send them. */
export type Schedule = "constant" | "poisson";

/** The middle value, or the mean of the two middle ones; throws on an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("no values");
  return (lower + upper) / 2;
}

/** The median of the values that are there; null without any. */
export function medianOf(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : median(present);
}

/** Median, smallest and largest of the values that are there; null without any. */
export function spread(values: readonly (number | null)[]): Spread | null {
  const present = values.filter((value) => value !== null);
  if (present.length === 0) return null;
  return { median: median(present), min: Math.min(...present), max: Math.max(...present) };
}

/** The value that a share of the values, such as 0.99, lies below; 0 without any. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** A percentile, such as 99.9, or null where no request lies beyond it. */
export function percentileOrNull(
  percentile: number,
  requests: number,
  value: number,
): number | null {
  return requests >= 1 / (1 - percentile / 100) - 1e-6 ? value : null;
}

/** `numerator / denominator` of each round that has both: what slows a whole round cancels out. */
export function ratiosWithinRounds(
  numerators: readonly RoundValue[],
  denominators: readonly RoundValue[],
): number[] {
  const byRound = new Map(denominators.map(({ round, value }) => [round, value]));
  return numerators.flatMap(({ round, value }) => {
    const denominator = byRound.get(round);
    return denominator === undefined || denominator === 0 ? [] : [value / denominator];
  });
}

/** The spread of {@link ratiosWithinRounds}; null when no round has both. */
export function ratioWithinRounds(
  numerators: readonly RoundValue[],
  denominators: readonly RoundValue[],
): Spread | null {
  return spread(ratiosWithinRounds(numerators, denominators));
}

/** A median with the interval that holds the true one with 95 % certainty. */
export interface MedianInterval {
  readonly median: number;
  /** Null when there are fewer than six values: then no interval is certain enough. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** Most that may lie outside the interval, on each side. */
const TAIL = 0.025;

/**
 * The highest rank, from 1, whose value is below the true median with 97.5 % certainty; 0 without one.
 *
 * How many of n values lie below the true median is binomial with p = 1/2, whatever they are distributed
 * like: rank 2 of 9, 6 of 20.
 */
export function lowerRank(count: number): number {
  let probability = 0.5 ** count;
  let below = 0;
  let rank = 0;
  while (below + probability <= TAIL) {
    below += probability;
    rank += 1;
    probability *= (count - rank + 1) / rank;
  }
  return rank;
}

/** Median and 95 % interval by order statistics; null without values. */
export function medianInterval(values: readonly number[]): MedianInterval | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const rank = lowerRank(sorted.length);
  const low = sorted[rank - 1];
  const high = sorted[sorted.length - rank];
  return {
    median: median(sorted),
    interval: low === undefined || high === undefined ? null : { low, high },
  };
}

/** Theil-Sen slope: the median of the slopes between all pairs of points, which single outliers do not move; null with fewer than two. */
export function theilSenSlope(points: readonly Point[]): number | null {
  const slopes = points.flatMap(([x, y], index) =>
    points
      .slice(index + 1)
      .flatMap(([later, value]) => (later > x ? (value - y) / (later - x) : [])),
  );
  return medianOf(slopes);
}

/** Growth by the Theil-Sen slope over `length`, or the time the points span, in percent of their median; null with fewer than two. */
export function growthPercent(points: readonly Point[], length?: number): number | null {
  const slope = theilSenSlope(points);
  const first = points[0];
  const last = points.at(-1);
  if (slope === null || first === undefined || last === undefined) return null;
  const over = length ?? last[0] - first[0];
  return ((slope * over) / median(points.map(([, y]) => y))) * 100;
}

/** Milliseconds until the next request at a rate a second. */
export function arrivalGap(schedule: Schedule, rate: number, random: () => number): number {
  const mean = 1000 / rate;
  // Gaps of a Poisson process are exponential; 1 - random is never 0.
  return schedule === "constant" ? mean : -Math.log(1 - random()) * mean;
}

/** The times, in milliseconds from the start, at which requests of `length` milliseconds are due. */
export function arrivalTimes(
  schedule: Schedule,
  rate: number,
  length: number,
  random: () => number,
): Float64Array {
  const times: number[] = [];
  for (let due = 0; due < length; due += arrivalGap(schedule, rate, random)) times.push(due);
  // Nothing is due at the very start, when connections may still be opening.
  return Float64Array.from(times.slice(1));
}

/** Bytes as MiB. */
export function mebibytes(bytes: number): number {
  return bytes / 2 ** 20;
}

/** A share in percent; null stays null. */
export function percent(share: number | null): number | null {
  return share === null ? null : share * 100;
}
