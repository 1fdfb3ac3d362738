import type { FastifyReply, FastifyRequest } from "fastify";
import type * as z from "zod";
import type { BatchRoute } from "../batch-workers/batch-route.ts";
import type { LargeBatchLane } from "../batch-workers/large-batch-lane.ts";
import { asJson, readJson } from "../http/json.ts";
import { parseInput, type Operation } from "../operations/operation.ts";

/** Wraps an operation as the handler of a REST route that takes its input as the body. */
export function bodyHandler<I, O>(
  operation: Operation<I, O>,
  input: z.ZodType<I> = operation.input,
) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const body = readJson(request);
    const result = await operation.run(parseInput(input, body), request.call);
    return asJson(reply, result);
  };
}

/** The same for batches: a large one goes to a worker thread as it is. */
export function batchHandler<I, O>(
  lane: LargeBatchLane | undefined,
  route: BatchRoute,
  operation: Operation<I, O>,
  input: z.ZodType<I> = operation.input,
) {
  const small = bodyHandler(operation, input);
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (lane?.takes(request) !== true) return small(request, reply);
    return lane.answer(request, reply, route);
  };
}
