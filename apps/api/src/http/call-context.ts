import { randomUUID } from "node:crypto";
import { SepalError } from "@sepal/schema/sepal-error";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import type { RouteTable } from "./route-rules.ts";
import type { CallContext, Services } from "../context.ts";
import {
  readTraceparent,
  writeTraceparent,
  type TraceParent,
} from "../observability/tracing/traceparent.ts";

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The client's own request id where it is harmless, else a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

/** The instant `x-request-timeout-ms` stands for, on the clock of `performance.now()`. */
export function readDeadline(header: string | string[], arrived: number): number {
  const milliseconds = Number(header);
  if (typeof header !== "string" || !/^\d{1,9}$/.test(header)) {
    const message = "x-request-timeout-ms should be a whole number of milliseconds";
    throw new SepalError("malformed_request", message);
  }
  return arrived + milliseconds;
}

/** Gives every request its id, in the response too, and the context that operations run in. */
export function provideCallContext(
  app: FastifyInstance,
  services: Services,
  routes: RouteTable,
): void {
  app.decorateRequest("call");
  app.decorateRequest("rules", undefined);
  app.decorateRequest("callerTrace", undefined);
  app.addHook("onRequest", (request, reply, done) => {
    request.rules = routes.rulesOf(request);
    reply.header("x-request-id", request.id);
    const { traceparent } = request.headers;
    // Where this server keeps no spans, the caller's own is the last one.
    if (traceparent !== undefined && request.trace === undefined) {
      request.callerTrace = readTraceparent(traceparent);
      if (request.callerTrace !== undefined) {
        reply.header("traceparent", writeTraceparent(request.callerTrace));
      }
    }
    // What calls itself JSON or text is never run as a script or a page.
    reply.header("x-content-type-options", "nosniff");
    request.call = {
      services,
      requestId: request.id,
      arrived: performance.now(),
      caller: undefined,
      served: undefined,
      deadline: undefined,
      cancelled: () => request.raw.socket.destroyed,
    };
    done();
  });
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set before any handler runs. */
    call: CallContext;
    /** The caller's span where this server keeps none for the request; absent where the request names none. */
    callerTrace: TraceParent | undefined;
  }
}
