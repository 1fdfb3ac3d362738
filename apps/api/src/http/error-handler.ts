import type { ErrorCode } from "@sepal/schema/error-codes";
import type { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { renderError } from "../errors/error-formats.ts";
import { toSepalError } from "../errors/to-sepal-error.ts";
import type { RouteTable } from "./route-rules.ts";
import { keepsConnection, leaveBody } from "./unread-body.ts";

/** Failures after which a client may still be sending its body: the response says what becomes of the connection. */
const BODY_UNREAD: ReadonlySet<ErrorCode> = new Set([
  "too_large",
  "unauthorized",
  "forbidden",
  "too_many_requests",
  "unavailable",
]);

function answer(error: SepalError, request: FastifyRequest, reply: FastifyReply) {
  if (error.code === "internal") request.failure = error.cause ?? error;
  // A file that is rejected while it arrives keeps its connection; one whose framing is not certain ends at once.
  if (reply.getHeader("connection") !== "keep-alive" && error.code !== "malformed_request") {
    leaveBody(request.raw, reply);
  }
  if (BODY_UNREAD.has(error.code) && !reply.hasHeader("connection")) {
    reply.header("connection", keepsConnection(request.raw) ? "keep-alive" : "close");
  }
  const failed = {
    requestId: request.id,
    url: request.raw.url ?? "/",
    // For a path that cannot be routed no hook has run.
    echoInput: request.call?.services.settings.ECHO_INPUT,
  };
  const { status, contentType, vary, body } = renderError(error, failed, request.headers.accept);
  if (vary !== undefined) reply.header("vary", vary);
  return (
    reply
      .code(status)
      .headers(error.headers)
      .header("content-type", contentType)
      // Without it Fastify adds a charset to the type; as bytes, the text would keep a pool of 64 KiB alive (record 26).
      .serializer(String)
      .send(JSON.stringify(body))
  );
}

/** Answers a path that cannot be routed, for which no hook runs. */
export function answerUnrouted(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  void answer(toSepalError(error), request, reply.header("x-request-id", request.id));
}

/** Answers every failure of a route, and every route that does not exist, in the face that fits. */
export function handleErrors(app: FastifyInstance, routes: RouteTable): void {
  app.decorateRequest("failure", undefined);
  app.setErrorHandler((error, request, reply) => answer(toSepalError(error), request, reply));
  app.setNotFoundHandler((request, reply) => answer(routes.unrouted(request), request, reply));
}

declare module "fastify" {
  interface FastifyRequest {
    /** What an internal failure was, for the log alone. */
    failure: unknown;
  }
}
