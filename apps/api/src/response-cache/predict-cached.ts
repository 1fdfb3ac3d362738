import { abandoned, type Call } from "@sepal/model/batching/backlog";
import type { TimedPrediction } from "@sepal/model/batching/dynamic-batcher";
import type { ServedModel } from "@sepal/model/served-model";
import type { CacheResult } from "../observability/served.ts";
import type { PredictionCache } from "./prediction-cache.ts";

/** An answer that may come from the cache. */
export type MaybeCached = TimedPrediction & { readonly cached?: CacheResult };

/** Answers one feature vector from the cache, or from the model and keeps the answer. */
export async function predictCached(
  cache: PredictionCache,
  model: ServedModel,
  features: readonly number[],
  call: Call,
): Promise<MaybeCached> {
  const key = cache.key(model, features);
  const known = cache.find(key);
  if (known === undefined) {
    const answer = await model.predict(features, call);
    cache.keep(key, answer);
    return { ...answer, cached: "miss" };
  }
  const reason = abandoned(call, performance.now());
  if (reason !== undefined) throw reason;
  return { ...known, startedAt: 0, queueMs: 0, computeMs: 0, cached: "hit" };
}
