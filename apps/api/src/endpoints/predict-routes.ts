import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import type { RequestLimits } from "@sepal/schema/limits";
import { predictBatchRequest, predictRequest } from "@sepal/schema/predict";
import type { FastifyInstance } from "fastify";
import type { LargeBatchLane } from "../batch-workers/large-batch-lane.ts";
import { orEvents } from "../protocols/sse/event-handler.ts";
import { contractOperations } from "../operations/contract-operations.ts";
import { readJson } from "../http/json.ts";
import { invalidField, parseInput } from "../operations/operation.ts";
import { asJson } from "../http/json.ts";
import { batchHandler, bodyHandler } from "./rest-handler.ts";

interface PredictOptions {
  readonly limits: RequestLimits;
  readonly lane: LargeBatchLane | undefined;
}

/** Routes that compute on the main thread; batches may have any length. */
const SINGLE = { config: { sheds: true } };
const BATCH = { config: { sheds: true, maxBytes: Infinity } };

/** The strict routes of one contract below `prefix`. */
function strictRoutes<F extends readonly FeatureSpec[], C extends readonly string[]>(
  app: FastifyInstance,
  contract: Contract<F, C>,
  { limits, lane }: PredictOptions,
  prefix: string,
): void {
  const { explain, predict, predictBatch } = contractOperations(contract, limits);
  app.post(`${prefix}/predict`, SINGLE, bodyHandler(predict));
  if (prefix !== "/v2") app.post(`${prefix}/explain`, SINGLE, bodyHandler(explain));
  const route = { contract: contract.name };
  const { input } = predictBatch;
  const batch = orEvents(contract, input, batchHandler(lane, route, predictBatch), { lane, route });
  app.post(`${prefix}/predict-batch`, BATCH, batch);
  app.post<{ Params: { model_name: string } }>(
    `${prefix}/predict/:model_name`,
    SINGLE,
    async (request, reply) => {
      const { model_name } = request.params;
      const input = parseInput(predict.input, readJson(request));
      if (input.model_name !== undefined && input.model_name !== model_name) {
        const msg = `Input should be "${model_name}" or absent, as the path names the model`;
        throw invalidField(["body", "model_name"], msg, input.model_name);
      }
      return asJson(reply, await predict.run({ ...input, model_name }, request.call));
    },
  );
}

/** The routes of legacy clients: numbers may be strings, unknown keys are ignored. */
function lenientRoutes(
  app: FastifyInstance,
  contract: Contract,
  { limits, lane }: PredictOptions,
): void {
  const { predict, predictBatch } = contractOperations(contract, limits);
  const lenient = { lenient: true, limits };
  app.post("/v1/predict", SINGLE, bodyHandler(predict, predictRequest(contract, lenient)));
  const route = { contract: contract.name, lenient: true };
  const input = predictBatchRequest(contract, lenient);
  const batch = orEvents(contract, input, batchHandler(lane, route, predictBatch, input), {
    lane,
    route,
  });
  app.post("/v1/predict-batch", BATCH, batch);
}

/** Every route that predicts: the default contract's at the root and under `/v1` and `/v2`, and each contract's under its name. */
export function predictRoutes(
  app: FastifyInstance,
  limits: RequestLimits,
  lane: LargeBatchLane | undefined,
): void {
  const options = { limits, lane };
  strictRoutes(app, defaultContract, options, "");
  strictRoutes(app, defaultContract, options, "/v2");
  lenientRoutes(app, defaultContract, options);
  for (const [name, contract] of Object.entries<Contract>(contracts)) {
    strictRoutes(app, contract, options, `/${name}`);
  }
}
