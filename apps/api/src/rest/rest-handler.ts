import type { FastifyReply, FastifyRequest } from "fastify";
import type * as z from "zod";
import { readJson } from "../http/json-body.ts";
import { parseInput, type Operation } from "../operations/operation.ts";

/** Wraps an operation as the handler of a REST route that takes its input as the body. */
export function bodyHandler<I, O>(
  operation: Operation<I, O>,
  input: z.ZodType<I> = operation.input,
) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const body = readJson(request);
    const result = await operation.run(parseInput(input, body), request.call);
    return sendJson(reply, result);
  };
}

/** Sends a result as JSON text. */
export function sendJson(reply: FastifyReply, result: unknown): FastifyReply {
  return reply
    .header("content-type", "application/json; charset=utf-8")
    .send(JSON.stringify(result));
}
