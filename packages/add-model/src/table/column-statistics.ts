/** What a manifest says of a feature's values. */
export interface ColumnStatistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of the population. */
  readonly std: number;
  readonly quantiles: Readonly<Record<string, number>>;
}

const QUANTILES = ["0.01", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.99"];

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** The value below which a share of sorted values lies, between two of them where it falls so. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Ranges, mean, spread and quantiles of a column, to six digits. */
export function describeColumn(values: readonly number[]): ColumnStatistics {
  const sorted = values.toSorted((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    min: rounded(quantile(sorted, 0)),
    max: rounded(quantile(sorted, 1)),
    mean: rounded(mean),
    std: rounded(Math.sqrt(variance)),
    quantiles: Object.fromEntries(
      QUANTILES.map((share) => [share, rounded(quantile(sorted, Number(share)))]),
    ),
  };
}
