import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import type { RequestLimits } from "@sepal/schema/limits";
import { createJobOperation } from "./create-job.ts";
import { explainOperation } from "./explain.ts";
import { predictBatchOperation } from "./predict-batch.ts";
import { predictOperation } from "./predict.ts";

/** Everything the server does for one contract. */
export function contractOperations<
  const F extends readonly FeatureSpec[],
  const C extends readonly string[],
>(contract: Contract<F, C>, limits: RequestLimits) {
  return {
    explain: explainOperation(contract),
    predict: predictOperation(contract),
    predictBatch: predictBatchOperation(contract, limits),
    createJob: createJobOperation(contract),
  };
}
