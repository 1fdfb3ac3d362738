import type { Backlog } from "@sepal/model/batching/backlog";
import type { FastifyReply, FastifyRequest } from "fastify";
import { renderError } from "../errors/error-formats.ts";
import type { Lifecycle } from "../lifecycle.ts";
import { finished } from "node:stream";
import { unavailable } from "@sepal/schema/unavailable";

/**
 * Rejects a request before its body is read, in the error format of its route, with as little work as a response can
 * take: past saturation every rejection takes time from the predictions that were accepted.
 */
export function refuseOverload(
  backlog: Backlog,
  lifecycle: Pick<Lifecycle, "closing">,
  request: FastifyRequest,
  reply: FastifyReply,
  done: (error: Error) => void,
): void {
  const error = backlog.refuse();
  // A page of another origin may read only what carries the headers that later hooks add.
  if (request.headers.origin !== undefined) return done(error);
  const failed = { requestId: request.id, url: request.raw.url ?? "/" };
  const { status, contentType, vary, body } = renderError(error, failed, request.headers.accept);
  const text = JSON.stringify(body);
  const head = {
    "content-type": contentType,
    "content-length": Buffer.byteLength(text),
    "x-request-id": request.id,
    "x-content-type-options": "nosniff",
    ...error.headers,
    ...(vary !== undefined && { vary }),
    ...(lifecycle.closing && { connection: "close" }),
  };
  reply.hijack();
  reply.raw.writeHead(status, head).end(text);
}

/** Rejects a request that came during the shutdown with `unavailable`, once its body is off the wire: a response before that would be lost in a reset. */
export function refuseLate({ raw }: FastifyRequest, done: (error: Error) => void): void {
  const refused = unavailable("the server is shutting down");
  finished(raw, { writable: false }, () => done(refused));
  raw.resume();
}
