import type { FastifyInstance } from "fastify";
import type { TraceParent } from "../http/traceparent.ts";

/** Spans of requests, sent to a collector; it exists only where one is set. */
export interface Tracing {
  /** Begins a span with every request of a server and ends it with the reply. */
  follow(app: FastifyInstance): void;
  /** Sends what is collected, for `withinMs` milliseconds at most; never fails. */
  close(withinMs: number): Promise<void>;
}

declare module "fastify" {
  interface FastifyRequest {
    /** The request's own span; absent where there is no tracing. */
    trace?: TraceParent | undefined;
  }
}
