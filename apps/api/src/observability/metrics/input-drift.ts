import type { Execution } from "@sepal/model/session/inference-observer";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import type { Manifest } from "@sepal/model/manifest";
import { Gauge, type Registry } from "prom-client";

/** Fewest rows from which a distribution is estimated. */
const LEAST_ROWS = 200;

/** How far the inputs of each model version have moved from its training data. */
export class InputDrift {
  readonly #recent = new Map<string, RecentRows>();

  /** Samples the rows of an execution; those of explanations are made up. */
  executed({ model, version, lane, rows, sample }: Execution): void {
    if (sample === undefined || lane === "explain") return;
    const key = `${model} ${version}`;
    let recent = this.#recent.get(key);
    if (recent === undefined) {
      recent = new RecentRows(sample.width);
      this.#recent.set(key, recent);
    }
    if (rows > 0) recent.take(sample.rows, performance.now());
  }

  /** Declares the gauge, which is read at each scrape. */
  expose(register: Registry, registry: Pick<ModelRegistry, "models">): void {
    const recent = this.#recent;
    new Gauge({
      name: "input_drift_psi",
      help: `Population stability index of a feature's recent values against the training data, of ${LEAST_ROWS} rows or more`,
      labelNames: ["model", "version", "feature"],
      aggregator: "max",
      registers: [register],
      collect() {
        this.reset();
        for (const { name: model, versions } of registry.models()) {
          for (const { version, served } of versions.values()) {
            const rows = recent.get(`${model} ${version}`);
            if (served === undefined || rows === undefined || rows.count < LEAST_ROWS) continue;
            served.manifest.features.forEach((column, index) => {
              if ("characters" in column) return;
              const drift = stabilityIndex(rows.column(index), binsOf(column));
              this.set({ model, version, feature: column.name }, drift);
            });
          }
        }
      },
    });
  }
}

/** Rows that are kept. */
const CAPACITY = 2048;

/** Executions closer than this, in milliseconds, are left out: at full load the rows still span minutes. */
const LEAST_INTERVAL_MS = 50;

/** The last rows that a model version was asked, sampled. */
class RecentRows {
  readonly #width: number;
  readonly #rows: Float32Array;
  #next = 0;
  #count = 0;
  #lastTaken = -Infinity;

  constructor(width: number) {
    this.#width = width;
    this.#rows = new Float32Array(CAPACITY * width);
  }

  /** Rows there are. */
  get count(): number {
    return this.#count;
  }

  /** Takes `[n, width]` rows, unless some were taken just before. */
  take(sample: Float32Array, now: number): void {
    if (now - this.#lastTaken < LEAST_INTERVAL_MS) return;
    this.#lastTaken = now;
    const width = this.#width;
    for (let start = 0; start + width <= sample.length; start += width) {
      this.#rows.set(sample.subarray(start, start + width), this.#next * width);
      this.#next = (this.#next + 1) % CAPACITY;
      this.#count = Math.min(this.#count + 1, CAPACITY);
    }
  }

  /** The kept values of one feature. */
  *column(index: number): Generator<number> {
    for (let row = 0; row < this.#count; row += 1) {
      yield this.#rows[row * this.#width + index] ?? Number.NaN;
    }
  }
}

/** Least share, so that a logarithm exists. */
const LEAST_SHARE = 1e-4;

/** The levels whose quantiles cut the training range into bins. */
const LEVELS = ["0.1", "0.25", "0.5", "0.75", "0.9"];

/** Bins of a feature's values with their shares of the training rows. */
export interface Bins {
  /** The bin of a value. */
  readonly binOf: (value: number) => number;
  readonly expected: readonly number[];
}

/** Of numbers and categories: texts are not watched. */
type Column = Exclude<Manifest["features"][number], { characters: unknown }>;

/** Bins of a feature: between quantiles or one a category, and one for missing values where there were any. */
export function binsOf(column: Column): Bins {
  const { missing = 0 } = column;
  const { binOf, expected } = "counts" in column ? categoryBins(column.counts) : rangeBins(column);
  return {
    binOf: (value) => (Number.isNaN(value) ? expected.length : binOf(value)),
    expected: [...expected.map((share) => share * (1 - missing)), missing],
  };
}

function categoryBins(counts: readonly number[]): Bins {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return { binOf: (code) => code, expected: counts.map((count) => count / total) };
}

/** Bins between the training quantiles; equal quantiles, as whole numbers have them, make one edge. */
function rangeBins({ quantiles }: { readonly quantiles: Readonly<Record<string, number>> }): Bins {
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
  return {
    binOf(value) {
      const found = edges.findIndex((edge) => value <= edge);
      return found === -1 ? edges.length : found;
    },
    expected: bounds.slice(1).map((level, bin) => level - (bounds[bin] ?? 0)),
  };
}

/**
 * The population stability index of values against the bins of training: the sum over bins of
 * `(share - expected) * ln(share / expected)`. Below 0.1 little has changed, above 0.25 much has.
 */
export function stabilityIndex(values: Iterable<number>, { binOf, expected }: Bins): number {
  const counts = expected.map(() => 0);
  let total = 0;
  for (const value of values) {
    const bin = binOf(value);
    counts[bin] = (counts[bin] ?? 0) + 1;
    total += 1;
  }
  return expected.reduce((sum, share, bin) => {
    const actual = Math.max((counts[bin] ?? 0) / total, LEAST_SHARE);
    const trained = share === 0 ? LEAST_SHARE : share;
    return sum + (actual - trained) * Math.log(actual / trained);
  }, 0);
}
