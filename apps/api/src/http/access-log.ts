import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { LogOutput } from "../logger.ts";

const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/;

/** Fields of a request's log line; durations in milliseconds, to the microsecond. */
function requestLine(request: FastifyRequest, reply: FastifyReply) {
  const { call, raw, headers } = request;
  const { traceparent } = headers;
  return {
    request_id: request.id,
    trace_id: typeof traceparent === "string" ? TRACEPARENT.exec(traceparent)?.[1] : undefined,
    method: raw.method,
    route: request.routeOptions.url ?? "none",
    status: reply.statusCode,
    duration_ms: Math.round((performance.now() - call.arrived) * 1000) / 1000,
    rows: call.served?.rows,
    model: call.served?.model,
  };
}

/** Writes one line a request: who asked what, how it ended, how long it took; never feature values. */
export function logRequests(app: FastifyInstance, { logger, writeInfo }: LogOutput): void {
  if (!logger.isLevelEnabled("error")) return;
  app.addHook("onResponse", (request, reply, done) => {
    const line = requestLine(request, reply);
    if (request.failure !== undefined) logger.error({ ...line, err: request.failure }, "request");
    else writeInfo(line, "request");
    done();
  });
}
