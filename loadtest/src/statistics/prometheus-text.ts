/** One line of a Prometheus exposition. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Labels = Readonly<Record<string, string>>;

/** Reads Prometheus text; comments are left out. */
export function parseMetrics(text: string): MetricSample[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = /^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)/i.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return {
      name,
      labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])),
      value: value === "+Inf" ? Infinity : Number(value),
    };
  });
}

const matches = (sample: MetricSample, name: string, labels: Labels) =>
  sample.name === name &&
  Object.entries(labels).every(([key, text]) => sample.labels[key] === text);

/** Sum over all series of a name that have these labels. */
export function sumOf(samples: readonly MetricSample[], name: string, labels: Labels = {}): number {
  return samples
    .filter((sample) => matches(sample, name, labels))
    .reduce((sum, { value }) => sum + value, 0);
}

/** A quantile read off buckets, in the histogram's unit, with the bucket it lies in. */
export interface BucketQuantile {
  /** Linear between the bounds; the lower bound in the last bucket, which has no upper one. */
  readonly value: number;
  readonly above: number;
  readonly upTo: number;
}

/** A quantile of what a histogram counted between two scrapes; null when it counted nothing. */
export function quantileBetween(
  before: readonly MetricSample[],
  after: readonly MetricSample[],
  histogram: { readonly name: string; readonly labels: Labels },
  quantile: number,
): BucketQuantile | null {
  const name = `${histogram.name}_bucket`;
  const bounds = after
    .filter((sample) => matches(sample, name, histogram.labels))
    .map(({ labels }) => labels["le"] ?? "");
  const buckets = [...new Set(bounds)]
    .map((le) => {
      const labels = { ...histogram.labels, le };
      const count = sumOf(after, name, labels) - sumOf(before, name, labels);
      return { upTo: le === "+Inf" ? Infinity : Number(le), count };
    })
    .toSorted((a, b) => a.upTo - b.upTo);
  const rank = (buckets.at(-1)?.count ?? 0) * quantile;
  if (rank === 0) return null;
  let [above, below] = [0, 0];
  for (const { upTo, count } of buckets) {
    if (count >= rank) {
      const share = (rank - below) / (count - below);
      const value = upTo === Infinity ? above : above + (upTo - above) * share;
      return { value, above, upTo };
    }
    [above, below] = [upTo, count];
  }
  return null;
}
