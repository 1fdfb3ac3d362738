import type { FastifyReply, FastifyRequest } from "fastify";
import type * as z from "zod";
import type { BatchRoute } from "../large-batch/batch-route.ts";
import type { LargeBatchLane } from "../large-batch/large-batch-lane.ts";
import { readJson } from "../http/body.ts";
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

/** A result as the JSON text that a handler returns; returning the reply itself would have it awaited as a promise. */
export function asJson(reply: FastifyReply, result: unknown): string {
  void reply.header("content-type", "application/json; charset=utf-8");
  return JSON.stringify(result);
}
