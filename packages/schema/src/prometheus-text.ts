/** One line of Prometheus text: a series and its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A scrape as read: the samples, and each family's type by its name. */
export interface ScrapeText {
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?\s*$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const TYPE = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(\w+)/;

function readValue(text: string): number {
  if (text === "+Inf" || text === "Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) =>
    character === "n" ? "\n" : character,
  );
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = Object.create(null);
  for (const [, name = "", value = ""] of text.matchAll(LABEL)) labels[name] = unescape(value);
  return labels;
}

/** Reads Prometheus text format 0.0.4; lines that are not in it are skipped. */
export function parsePrometheus(text: string): ScrapeText {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) {
      const [, family, type] = TYPE.exec(line) ?? [];
      if (family !== undefined && type !== undefined) types.set(family, type);
      continue;
    }
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    samples.push({ name, labels: readLabels(labels), value: readValue(value) });
  }
  return { types, samples };
}

/** Observations by bucket. */
export interface Histogram {
  /** Finite upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** Observations in each bucket alone, not accumulated; one more than `bounds`: the last is `+Inf`. */
  readonly counts: readonly number[];
}

/** Where a quantile lies. */
export type Quantile =
  | {
      readonly kind: "within";
      /** Interpolated between the bounds, as Prometheus does. */
      readonly value: number;
      /** The bucket that holds it: above `lower`, at most `upper`. */
      readonly lower: number;
      readonly upper: number;
    }
  /** The rank fell beyond the last finite bound: nothing more is known. */
  | { readonly kind: "at_least"; readonly lower: number };

/** Sums the buckets of all given series (`le` labels), then takes the accumulation apart. */
export function sumBuckets(samples: readonly Sample[]): Histogram {
  const accumulated = new Map<number, number>();
  for (const { labels, value } of samples) {
    const bound = labels["le"] === "+Inf" ? Infinity : Number(labels["le"]);
    accumulated.set(bound, (accumulated.get(bound) ?? 0) + value);
  }
  const all = [...accumulated.keys()].toSorted((a, b) => a - b);
  const bounds = all.filter((bound) => bound !== Infinity);
  let below = 0;
  const counts = [...bounds, Infinity].map((bound) => {
    const upTo = accumulated.get(bound) ?? below;
    // A scrape that was taken in the middle of an observation may be one short.
    const count = Math.max(0, upTo - below);
    below = Math.max(below, upTo);
    return count;
  });
  return { bounds, counts };
}

/** How many observations there are. */
export function observations(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The quantile `q`, 0 to 1, of what fell into the buckets; `null` when nothing did. */
export function quantile(q: number, { bounds, counts }: Histogram): Quantile | null {
  const total = observations(counts);
  if (total === 0) return null;
  const rank = q * total;
  let below = 0;
  for (const [index, upper] of bounds.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && below + count >= rank) {
      const lower = bounds[index - 1] ?? 0;
      const value = lower + ((upper - lower) * Math.max(0, rank - below)) / count;
      return { kind: "within", value, lower, upper };
    }
    below += count;
  }
  return { kind: "at_least", lower: bounds.at(-1) ?? 0 };
}
