import { median } from "./statistics.ts";

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
