import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import type { RequestLimits } from "@sepal/schema/limits";
import { contractOperations } from "../../operations/contract-operations.ts";
import { packedRequest, predictStream, streamRequest } from "../../operations/predict-stream.ts";
import { procedure } from "./init.ts";

/** The procedures of one contract; `prefix` is where their REST twins stand, such as `/iris`. */
export function contractProcedures<
  const F extends readonly FeatureSpec[],
  const C extends readonly string[],
>(contract: Contract<F, C>, limits: RequestLimits, prefix: "" | `/${string}`) {
  const { createJob, explain, predict, predictBatch } = contractOperations(contract, limits);
  const tags = [prefix === "" ? "predictions" : contract.name];
  return {
    explain: procedure
      .meta({
        operation: explain,
        openapi: {
          method: "POST",
          path: `${prefix}/explain`,
          tags,
          protect: false,
          errorResponses: {},
          summary: `Split one ${contract.title} answer among the features`,
          description:
            "Exact Shapley values against the training rows; 422 for a model whose card says that they are not offered.",
        },
      })
      .input(explain.input)
      .output(explain.output)
      .mutation(({ input, ctx }) => explain.run(input, ctx)),
    predict: procedure
      .meta({
        operation: predict,
        openapi: {
          method: "POST",
          path: `${prefix}/predict`,
          tags,
          protect: false,
          errorResponses: {},
          summary: `Predict one ${contract.title} row`,
          description: contract.description,
        },
      })
      .input(predict.input)
      .output(predict.output)
      .mutation(({ input, ctx }) => predict.run(input, ctx)),
    predictBatch: procedure
      .meta({
        operation: predictBatch,
        batchOf: contract.name,
        openapi: {
          method: "POST",
          path: `${prefix}/predict-batch`,
          tags,
          protect: false,
          errorResponses: {},
          summary: `Predict many ${contract.title} rows`,
          description:
            "Answers in row order; as a stream where `accept` asks for `text/event-stream`, and over tRPC as `predictStream`.",
        },
      })
      .input(predictBatch.input)
      .output(predictBatch.output)
      .mutation(({ input, ctx }) => predictBatch.run(input, ctx)),
    jobs: {
      create: procedure
        .meta({ operation: createJob })
        .input(createJob.input)
        .output(createJob.output)
        .mutation(({ input, ctx }) => createJob.run(input, ctx)),
    },
    /** Yields chunks of `batch_size` answers, and returns what a batch says of its model; over `httpBatchStreamLink`. */
    predictStream: procedure.input(predictBatch.input).mutation(async ({ input, ctx }) => {
      const packed = await ctx.packed;
      const asked =
        packed === undefined ? streamRequest(contract, input) : packedRequest(contract, packed);
      return predictStream(contract, asked, ctx);
    }),
  };
}
