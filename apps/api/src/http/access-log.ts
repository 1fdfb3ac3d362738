import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { accessFields, type AccessLine, type LogOutput } from "../observability/logs/logger.ts";
import { readTraceparent } from "../observability/tracing/traceparent.ts";

function accessLine(request: FastifyRequest, reply: FastifyReply): AccessLine {
  const { call, trace } = request;
  return {
    requestId: request.id,
    traceId: (trace ?? readTraceparent(request.headers.traceparent))?.traceId,
    spanId: trace?.spanId,
    method: request.method,
    route: request.rules?.url ?? "none",
    status: reply.statusCode,
    durationMs: Math.round((performance.now() - call.arrived) * 1000) / 1000,
    caller: call.caller,
    rows: call.served?.rows,
    model: call.served?.model,
  };
}

/** Writes one line a request: who asked what, how it ended, how long it took; never feature values. */
export function logRequests(app: FastifyInstance, { logger, writeAccess }: LogOutput): void {
  if (!logger.isLevelEnabled("error")) return;
  app.addHook("onResponse", (request, reply, done) => {
    const line = accessLine(request, reply);
    if (request.failure === undefined) writeAccess(line);
    else logger.error({ ...accessFields(line), err: request.failure }, "request");
    done();
  });
}
