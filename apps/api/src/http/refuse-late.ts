import { finished } from "node:stream";
import { unavailable } from "@sepal/schema/unavailable";
import type { FastifyRequest } from "fastify";

/** Refuses a request that came after the end was announced with `unavailable`, once its body is off the wire: a reply before that would be lost in a reset. */
export function refuseLate({ raw }: FastifyRequest, done: (error: Error) => void): void {
  const refused = unavailable("the server is shutting down");
  finished(raw, { writable: false }, () => done(refused));
  raw.resume();
}
