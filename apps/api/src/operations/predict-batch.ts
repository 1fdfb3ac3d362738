import { rowSource } from "@sepal/model/batching/chunks";
import { predictionReader } from "@sepal/schema/prediction-reader";
import type { Contract } from "@sepal/schema/define-contract";
import type { RequestLimits } from "@sepal/schema/limits";
import {
  predictBatchRequest,
  predictBatchResponse,
  type PredictBatchRequest,
  type PredictionOf,
} from "@sepal/schema/predict";
import { rowEncoder } from "@sepal/schema/row-encoding";
import * as z from "zod";
import { noteServed, processingTime, selectModel, type Operation } from "./operation.ts";
import type { CallContext } from "../context.ts";

/** Predicts many feature vectors of a contract, in their order. */
export function predictBatchOperation<C extends Contract>(contract: C, limits: RequestLimits) {
  const encode = rowEncoder(contract);
  const read = predictionReader(contract);
  const width = contract.features.length;
  return {
    // Compiled: 10,000 rows in 0.3 ms instead of 4.
    input: z.compile(predictBatchRequest(contract, { limits }), { strict: true }),
    output: z.compile(predictBatchResponse(contract), { strict: true }),
    async run(input: PredictBatchRequest<C>, context: CallContext) {
      const model = selectModel(contract, input, context);
      const { rows } = input;
      const batchSize = input.batch_size ?? undefined;
      const { cancelled, deadline } = context;
      const predictions: PredictionOf<C>[] = [];
      const source = rowSource(rows, width, encode);
      const since = performance.now();
      let startedAt: number | undefined;
      let computeMs = 0;
      for await (const chunk of model.runBatch(source, { batchSize, cancelled, deadline })) {
        startedAt ??= chunk.started;
        computeMs += chunk.ended - chunk.started;
        for (let row = 0; row < chunk.rows; row += 1) {
          predictions.push(read(chunk, row));
        }
      }
      const { name, version } = model;
      const queueMs = startedAt === undefined ? undefined : startedAt - since;
      const timing = { startedAt, queueMs, computeMs };
      noteServed(context, { model: name, version, rows: rows.length, ...timing });
      return {
        predictions,
        count: predictions.length,
        model_used: name,
        model_version: version,
        processing_time_ms: processingTime(context),
      };
    },
  } satisfies Operation<PredictBatchRequest<C>, unknown>;
}
