import { finished } from "node:stream";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyRequest } from "fastify";

/** Refuses a request that came after the end was announced with `unavailable`, once its body is off the wire: a reply before that would be lost in a reset. */
export function refuseLate({ raw }: FastifyRequest, done: (error: Error) => void): void {
  const refused = new SepalError("unavailable", "the server is shutting down", {
    headers: { "retry-after": "1" },
  });
  finished(raw, { writable: false }, () => done(refused));
  raw.resume();
}
