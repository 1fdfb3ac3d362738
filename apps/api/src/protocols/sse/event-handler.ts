import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import type { PredictBatchRequest } from "@sepal/schema/predict";
import type { FastifyReply, FastifyRequest } from "fastify";
import type * as z from "zod";
import { readJson } from "../../http/json.ts";
import type { BatchRoute } from "../../batch-workers/batch-route.ts";
import type { LargeBatchLane } from "../../batch-workers/large-batch-lane.ts";
import { readRows } from "../../batch-workers/read-body.ts";
import { parseInput } from "../../operations/operation.ts";
import { packedRequest, predictStream, streamRequest } from "../../operations/predict-stream.ts";
import { acceptsEvents } from "./accepts-events.ts";
import { sendBatchEvents } from "./send-batch-events.ts";

type Handler = (
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | string | Promise<FastifyReply | string>;

interface EventOptions {
  readonly lane: LargeBatchLane | undefined;
  readonly route: BatchRoute;
}

/** The handler of a batch route that answers clients who ask for events with those, and others with `json`. */
export function orEvents<F extends readonly FeatureSpec[]>(
  contract: Contract<F>,
  input: z.ZodType<PredictBatchRequest<F>>,
  json: Handler,
  { lane, route }: EventOptions,
): Handler {
  return async (request, reply) => {
    if (!acceptsEvents(request.headers.accept)) return json(request, reply);
    const { call, body } = request;
    // A large body would hold the event loop while it is parsed.
    const asked =
      lane?.takes(request) === true && Buffer.isBuffer(body)
        ? packedRequest(contract, await readRows(lane, call, body, route))
        : streamRequest(contract, parseInput(input, readJson(request)));
    return sendBatchEvents(request, reply, predictStream(contract, asked, call));
  };
}
