import type { IncomingMessage } from "node:http";
import type { ErrorCode } from "@sepal/schema/error-codes";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { renderError } from "../errors/faces.ts";
import { toSepalError } from "../errors/to-sepal-error.ts";
import { endOnceSent } from "./end-once-sent.ts";
import { methodNotAllowed, methodsOf, type RouteTable } from "./method-not-allowed.ts";
import { readOn } from "./read-on.ts";

/** Failures after which a client may still be sending its body. */
const BODY_UNREAD: ReadonlySet<ErrorCode> = new Set([
  "too_large",
  "unauthorized",
  "forbidden",
  "too_many_requests",
  "unavailable",
]);

/** Whether the client keeps its connection for further requests. */
function keepsConnection({ httpVersionMinor, headers }: IncomingMessage): boolean {
  return httpVersionMinor > 0 && !/\bclose\b/i.test(headers.connection ?? "");
}

function answer(error: SepalError, request: FastifyRequest, reply: FastifyReply) {
  if (error.code === "internal") request.failure = error.cause ?? error;
  if (BODY_UNREAD.has(error.code)) {
    const kept = keepsConnection(request.raw);
    reply.header("connection", kept ? "keep-alive" : "close");
    if (!kept) endOnceSent(request.raw);
    readOn(request.raw);
  }
  const failed = { requestId: request.id, url: request.raw.url ?? "/" };
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
  app.setErrorHandler((error, request, reply) =>
    answer(toSepalError(error, request.routeOptions.bodyLimit), request, reply),
  );
  app.setNotFoundHandler((request, reply) => {
    // A method the router knows has found its refusal already; there are some thirty others.
    const known = app.supportedMethods.includes(request.method);
    const methods = known ? undefined : methodsOf(routes, request.url.replace(/\?.*$/s, ""));
    const error =
      methods === undefined
        ? new SepalError("not_found", "there is no such route")
        : methodNotAllowed(methods);
    return answer(error, request, reply);
  });
}

declare module "fastify" {
  interface FastifyRequest {
    /** What an internal failure was, for the log alone. */
    failure: unknown;
  }
}
