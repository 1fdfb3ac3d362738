import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import type { RequestLimits } from "@sepal/schema/limits";
import {
  predictBatchRequest,
  predictBatchResponse,
  predictRequest,
  predictResponse,
} from "@sepal/schema/predict";
import { modelName, post } from "./path-builders.ts";

function namedPredict(contract: Contract, id: string, tag: string) {
  const summary = `Predict one ${contract.title} row with a named model`;
  const route = { id, tag, summary, params: modelName };
  return post(route, predictRequest(contract), predictResponse(contract));
}

/** Paths of the predicting routes that are no procedures of their own. */
export function predictPaths(limits: RequestLimits) {
  const contract = defaultContract;
  const row = predictResponse(contract);
  const rows = predictBatchResponse(contract);
  const tag = "predictions";
  const lenient = { lenient: true, limits };
  const legacy = {
    tag: "legacy",
    summary: "For legacy clients: numbers may be strings, unknown keys are ignored",
  };
  const byContract = Object.entries(contracts).map(([name, each]) => [
    `/${name}/predict/{model_name}`,
    namedPredict(each, `${name}-predictNamed`, name),
  ]);
  return {
    "/predict/{model_name}": namedPredict(contract, "predictNamed", tag),
    "/v2/predict": post(
      { id: "v2Predict", tag, summary: "The same as /predict" },
      predictRequest(contract),
      row,
    ),
    "/v2/predict/{model_name}": namedPredict(contract, "v2PredictNamed", tag),
    "/v2/predict-batch": post(
      { id: "v2PredictBatch", tag, summary: "The same as /predict-batch" },
      predictBatchRequest(contract, { limits }),
      rows,
    ),
    "/v1/predict": post({ id: "v1Predict", ...legacy }, predictRequest(contract, lenient), row),
    "/v1/predict-batch": post(
      { id: "v1PredictBatch", ...legacy },
      predictBatchRequest(contract, lenient),
      rows,
    ),
    ...Object.fromEntries(byContract),
  };
}
