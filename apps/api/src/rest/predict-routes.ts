import { contracts } from "@sepal/schema/contracts/index";
import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import type { RequestLimits } from "@sepal/schema/limits";
import { predictBatchRequest, predictRequest } from "@sepal/schema/predict";
import type { FastifyInstance } from "fastify";
import { contractOperations } from "../operations/contract-operations.ts";
import { readJson } from "../http/json-body.ts";
import { invalidField, parseInput } from "../operations/operation.ts";
import { bodyHandler, sendJson } from "./rest-handler.ts";

/** The strict routes of one contract below `prefix`. */
function strictRoutes<F extends readonly FeatureSpec[], C extends readonly string[]>(
  app: FastifyInstance,
  contract: Contract<F, C>,
  limits: RequestLimits,
  prefix: string,
): void {
  const { predict, predictBatch } = contractOperations(contract, limits);
  app.post(`${prefix}/predict`, bodyHandler(predict));
  app.post(`${prefix}/predict-batch`, bodyHandler(predictBatch));
  app.post<{ Params: { model_name: string } }>(
    `${prefix}/predict/:model_name`,
    async (request, reply) => {
      const { model_name } = request.params;
      const input = parseInput(predict.input, readJson(request));
      if (input.model_name !== undefined && input.model_name !== model_name) {
        const msg = `Input should be "${model_name}" or absent, as the path names the model`;
        throw invalidField(["body", "model_name"], msg, input.model_name);
      }
      return sendJson(reply, await predict.run({ ...input, model_name }, request.call));
    },
  );
}

/** The routes of legacy clients: numbers may be strings, unknown keys are ignored. */
function lenientRoutes(app: FastifyInstance, contract: Contract, limits: RequestLimits): void {
  const { predict, predictBatch } = contractOperations(contract, limits);
  const lenient = { lenient: true, limits };
  app.post("/v1/predict", bodyHandler(predict, predictRequest(contract, lenient)));
  app.post("/v1/predict-batch", bodyHandler(predictBatch, predictBatchRequest(contract, lenient)));
}

/** Every route that predicts: the default contract's at the root and under `/v1` and `/v2`, and each contract's under its name. */
export function predictRoutes(app: FastifyInstance, limits: RequestLimits): void {
  strictRoutes(app, contracts.iris, limits, "");
  strictRoutes(app, contracts.iris, limits, "/v2");
  lenientRoutes(app, contracts.iris, limits);
  for (const [name, contract] of Object.entries(contracts)) {
    strictRoutes(app, contract, limits, `/${name}`);
  }
}
