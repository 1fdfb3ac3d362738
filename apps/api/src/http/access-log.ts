import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";

const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/;

/** Writes one line a request: who asked what, how it ended, how long it took; never feature values. */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.addHook("onResponse", (request, reply, done) => {
    const { call, raw } = request;
    const { traceparent } = request.headers;
    const line = {
      request_id: request.id,
      trace_id: typeof traceparent === "string" ? TRACEPARENT.exec(traceparent)?.[1] : undefined,
      method: raw.method,
      route: request.routeOptions.url ?? "none",
      status: reply.statusCode,
      duration_ms: Math.round((performance.now() - call.arrived) * 1000) / 1000,
      rows: call.served?.rows,
      model: call.served?.model,
    };
    if (request.failure === undefined) logger.info(line, "request");
    else logger.error({ ...line, err: request.failure }, "request");
    done();
  });
}
