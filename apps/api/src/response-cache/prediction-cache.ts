import type { Contract } from "@sepal/schema/define-contract";
import type { PredictionOf } from "@sepal/schema/predict";
import { isTextRow, type ModelRow } from "@sepal/schema/row-encoding";
import type { ServedModel } from "@sepal/model/served-model";
import { LRUCache } from "lru-cache";
import type { Registry } from "prom-client";
import { abandoned, type Call } from "@sepal/model/batching/backlog";
import type { TimedPrediction } from "@sepal/model/batching/dynamic-batcher";
import { HotCounter, type CounterChild } from "../observability/metrics/hot-metrics.ts";

/** Whether a prediction came from the response cache. */
export type CacheResult = "hit" | "miss";

/** A prediction that may come from the cache. */
export type MaybeCached = TimedPrediction & { readonly cached?: CacheResult };

interface PredictionCacheOptions {
  /** Most predictions kept; the least recently used goes first. */
  readonly size: number;
  readonly register: Registry;
}

/**
 * Keeps single predictions by the instance of their model and the exact float32 features, or the text: another version, or the same
 * one loaded anew, finds nothing of what was before it.
 */
export class PredictionCache {
  readonly #predictions: LRUCache<string, PredictionOf<Contract>>;
  readonly #instances = new WeakMap<ServedModel, string>();
  #lastInstance = 0;
  #features = new Float32Array(16);
  #bytes = Buffer.from(this.#features.buffer);
  readonly #hits: CounterChild;
  readonly #misses: CounterChild;

  constructor({ size, register }: PredictionCacheOptions) {
    this.#predictions = new LRUCache({ max: size });
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
  key(model: ServedModel, row: ModelRow): string {
    let instance = this.#instances.get(model);
    if (instance === undefined) {
      this.#lastInstance += 1;
      instance = `${this.#lastInstance}:`;
      this.#instances.set(model, instance);
    }
    if (isTextRow(row)) return instance + row[0];
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

  /** The prediction that is kept; counted as a hit or a miss. */
  find(key: string): PredictionOf<Contract> | undefined {
    const prediction = this.#predictions.get(key);
    (prediction === undefined ? this.#misses : this.#hits).inc();
    return prediction;
  }

  /** Keeps a prediction, in the place of the least recently used one. */
  keep(key: string, prediction: PredictionOf<Contract>): void {
    this.#predictions.set(key, prediction);
  }

  /** The prediction of one row: a kept one, or the model's, which is kept. */
  async predict(model: ServedModel, features: ModelRow, call: Call): Promise<MaybeCached> {
    const key = this.key(model, features);
    const known = this.find(key);
    if (known === undefined) {
      const predicted = await model.predict(features, call);
      this.keep(key, predicted.prediction);
      return { ...predicted, cached: "miss" };
    }
    const reason = abandoned(call, performance.now());
    if (reason !== undefined) throw reason;
    return { prediction: known, startedAt: 0, queueMs: 0, computeMs: 0, cached: "hit" };
  }
}
