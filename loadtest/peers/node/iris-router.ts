import { initTRPC } from "@trpc/server";
import type { OpenApiMeta } from "trpc-to-openapi";
import { predictRows } from "./iris-forest.ts";
import {
  predictBatchRequest,
  predictBatchResponse,
  predictRequest,
  predictResponse,
} from "./iris-schema.ts";

const t = initTRPC.meta<OpenApiMeta>().create({ isDev: false });

/** The router that tRPC's documentation would lead to: checked input, checked output, one run a call. */
export const irisRouter = t.router({
  predict: t.procedure
    .meta({ openapi: { method: "POST", path: "/predict" } })
    .input(predictRequest)
    .output(predictResponse)
    .mutation(async ({ input }) => {
      const [prediction] = await predictRows([input.features]);
      if (prediction === undefined) throw new Error("the model gave no answer");
      return prediction;
    }),
  predictBatch: t.procedure
    .meta({ openapi: { method: "POST", path: "/predict-batch" } })
    .input(predictBatchRequest)
    .output(predictBatchResponse)
    .mutation(async ({ input }) => {
      const predictions = await predictRows(input.rows);
      return { predictions, count: predictions.length };
    }),
});
