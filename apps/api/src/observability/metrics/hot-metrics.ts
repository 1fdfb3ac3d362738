import type { Metric, Registry } from "prom-client";

// prom-client hashes the labels at every observation (0.3 µs each, five a request); these look them up
// once a child. The registry gets them in prom-client's own JSON form.

/** Upper bounds of duration buckets, in seconds: 50 µs to 10 s. */
export const DURATION_BUCKETS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
  5, 10,
];

interface HotMetricOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  readonly register: Registry;
}

interface Sample {
  readonly metricName?: string;
  readonly labels: Record<string, string | number>;
  readonly value: number;
}

/** Children of one metric by the values of their labels. */
class Family<Child> {
  readonly #children = new Map<string, { child: Child; labels: Record<string, string> }>();
  readonly #labelNames: readonly string[];
  readonly #make: () => Child;

  constructor(labelNames: readonly string[], make: () => Child) {
    this.#labelNames = labelNames;
    this.#make = make;
  }

  child(values: readonly string[]): Child {
    const key = values.join("\u0000");
    let entry = this.#children.get(key);
    if (entry === undefined) {
      const labels = Object.fromEntries(this.#labelNames.map((name, i) => [name, values[i] ?? ""]));
      entry = { child: this.#make(), labels };
      this.#children.set(key, entry);
    }
    return entry.child;
  }

  samples(read: (child: Child, labels: Record<string, string>) => Sample[]): Sample[] {
    return [...this.#children.values()].flatMap(({ child, labels }) => read(child, labels));
  }
}

function register(
  { name, help, labelNames, register: registry }: HotMetricOptions<string>,
  type: "counter" | "histogram",
  values: () => Sample[],
): void {
  const metric = {
    name,
    help,
    type,
    labelNames,
    get: () => ({ name, help, type, values: values(), aggregator: "sum" }),
  };
  // A registry asks a metric for its name and `get` alone; prom-client registers its aggregates this way too.
  registry.registerMetric(metric as unknown as Metric);
}

/** Counts of one set of labels. */
export class CounterChild {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }
}

/** A counter whose children are looked up once. */
export class HotCounter<L extends string> {
  readonly #family: Family<CounterChild>;

  constructor(options: HotMetricOptions<L>) {
    this.#family = new Family(options.labelNames, () => new CounterChild());
    register(options, "counter", () =>
      this.#family.samples(({ value }, labels) => [{ labels, value }]),
    );
  }

  /** The child of these label values, in the order of the label names. */
  labels(...values: readonly string[]): CounterChild {
    return this.#family.child(values);
  }
}

/** Observations of one set of labels. */
export class HistogramChild {
  readonly counts: Float64Array;
  sum = 0;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    if (!Number.isFinite(value)) return;
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

/** A histogram whose children are looked up once. */
export class HotHistogram<L extends string> {
  readonly #family: Family<HistogramChild>;

  constructor(options: HotMetricOptions<L> & { readonly buckets: readonly number[] }) {
    const { name, buckets } = options;
    this.#family = new Family(options.labelNames, () => new HistogramChild(buckets));
    const bounds = [...buckets, "+Inf"];
    register(options, "histogram", () =>
      this.#family.samples(({ counts, sum }, labels) => {
        let cumulative = 0;
        const rows: Sample[] = bounds.map((le, bucket) => {
          cumulative += counts[bucket] ?? 0;
          return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: cumulative };
        });
        rows.push({ metricName: `${name}_sum`, labels, value: sum });
        rows.push({ metricName: `${name}_count`, labels, value: cumulative });
        return rows;
      }),
    );
  }

  /** The child of these label values, in the order of the label names. */
  labels(...values: readonly string[]): HistogramChild {
    return this.#family.child(values);
  }
}
