import type { FastifyInstance } from "fastify";

/** Spans of requests, sent to a collector; it exists only where one is set. */
export interface Tracing {
  /** Begins a span with every request of a server and ends it with the reply. */
  follow(app: FastifyInstance): void;
  /** Sends what is collected, for `withinMs` milliseconds at most; never fails. */
  close(withinMs: number): Promise<void>;
}
