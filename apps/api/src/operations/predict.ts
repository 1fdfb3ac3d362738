import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import { predictRequest, predictResponse, type PredictRequest } from "@sepal/schema/predict";
import * as z from "zod";
import type { MaybeCached } from "../response-cache/prediction-cache.ts";
import { labelled, noteServed, processingTime, selectModel, type Operation } from "./operation.ts";
import type { CallContext } from "../context.ts";

/** Predicts one feature vector of a contract. */
export function predictOperation<
  const F extends readonly FeatureSpec[],
  const C extends readonly string[],
>(contract: Contract<F, C>) {
  return {
    // Compiled: 0.40 to 0.03 µs a call; strict, so that a schema that cannot be compiled fails here.
    input: z.compile(predictRequest(contract), { strict: true }),
    output: z.compile(predictResponse(contract), { strict: true }),
    async run(input: PredictRequest<F>, context: CallContext) {
      const model = selectModel(contract, input, context);
      const { cache } = context.services;
      const prediction: MaybeCached =
        cache === undefined
          ? await model.predict(input.features, context)
          : await cache.predict(model, input.features, context);
      const { name, version } = model;
      const { startedAt, queueMs, computeMs, cached } = prediction;
      const totalMs = processingTime(context);
      noteServed(context, {
        model: name,
        version,
        rows: 1,
        startedAt,
        queueMs,
        computeMs,
        totalMs,
        cached,
      });
      return {
        ...labelled(contract, prediction),
        model_used: name,
        model_version: version,
        processing_time_ms: totalMs,
      };
    },
  } satisfies Operation<PredictRequest<F>, unknown>;
}
