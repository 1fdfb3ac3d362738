/** Middle and extremes of repeated measurements. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle value, or the mean of the two middle ones; throws on an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("no values");
  return (lower + upper) / 2;
}

/** Median, smallest and largest; null when there is nothing to summarise. */
export function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The median of the values that are there; null without any. */
export function medianOf(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : median(present);
}

/** A percentile, such as 99.9, or null when fewer requests than one beyond it were seen. */
export function percentileOrNull(
  percentile: number,
  requests: number,
  value: number,
): number | null {
  return requests >= 1 / (1 - percentile / 100) - 1e-6 ? value : null;
}

/** The value that a share of the sorted ones, such as 0.99, lies below; 0 without any. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
