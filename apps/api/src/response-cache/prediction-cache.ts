import type { Prediction } from "@sepal/model/session/decode";
import type { ServedModel } from "@sepal/model/served-model";
import { LRUCache } from "lru-cache";
import type { Registry } from "prom-client";
import { HotCounter, type CounterChild } from "../observability/metrics/hot-metrics.ts";

interface PredictionCacheOptions {
  /** Most answers kept; what was asked for longest ago goes first. */
  readonly size: number;
  readonly register: Registry;
}

/**
 * Answers of single predictions, by the instance of the model that gave them and the exact float32
 * features: another version, or the same one loaded anew, finds nothing of what was before it.
 */
export class PredictionCache {
  readonly #answers: LRUCache<string, Prediction>;
  readonly #instances = new WeakMap<ServedModel, string>();
  #lastInstance = 0;
  #features = new Float32Array(16);
  #bytes = Buffer.from(this.#features.buffer);
  readonly #hits: CounterChild;
  readonly #misses: CounterChild;

  constructor({ size, register }: PredictionCacheOptions) {
    this.#answers = new LRUCache({ max: size });
    const requests = new HotCounter({
      name: "cache_requests_total",
      help: "Single predictions looked up in the response cache",
      labelNames: ["result"],
      register,
    });
    this.#hits = requests.labels("hit");
    this.#misses = requests.labels("miss");
  }

  /** What stands for a row of a model, in `find` and `keep`. */
  key(model: ServedModel, row: readonly number[]): string {
    let instance = this.#instances.get(model);
    if (instance === undefined) {
      this.#lastInstance += 1;
      instance = `${this.#lastInstance}:`;
      this.#instances.set(model, instance);
    }
    if (row.length > this.#features.length) {
      this.#features = new Float32Array(row.length);
      this.#bytes = Buffer.from(this.#features.buffer);
    }
    // By hand: `features.set(row)` takes 5 times as long for four numbers.
    for (let index = 0; index < row.length; index += 1) {
      this.#features[index] = row[index] ?? Number.NaN;
    }
    return (
      instance + this.#bytes.toString("latin1", 0, row.length * Float32Array.BYTES_PER_ELEMENT)
    );
  }

  /** The answer that is kept; counted as a hit or a miss. */
  find(key: string): Prediction | undefined {
    const answer = this.#answers.get(key);
    (answer === undefined ? this.#misses : this.#hits).inc();
    return answer;
  }

  /** Keeps an answer, in the place of the one asked for longest ago. */
  keep(key: string, answer: Prediction): void {
    this.#answers.set(key, answer);
  }
}
