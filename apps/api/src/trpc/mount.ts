import { SepalError } from "@sepal/schema/sepal-error";
import type { TRPCError } from "@trpc/server";
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from "@trpc/server/adapters/fastify";
import type { FastifyInstance } from "fastify";
import { inflateStream } from "../http/inflate-body.ts";
import { methodNotAllowed } from "../http/method-not-allowed.ts";
import type { LargeBatchLane } from "../large-batch/large-batch-lane.ts";
import { readLargeBody } from "./large-bodies.ts";
import type { AppRouter } from "./router.ts";

/** Most calls in one HTTP request. */
const MAX_BATCH_SIZE = 100;

/** Headers of the first failure that brings any, such as `retry-after`. */
function headersOf(errors: readonly TRPCError[]): Record<string, string> {
  const causes = errors.map(({ cause }) => (cause instanceof SepalError ? cause.headers : {}));
  return { ...causes.find((headers) => Object.keys(headers).length > 0) };
}

/** Which methods a call of a procedure takes; of several procedures it depends. */
function methodsOfCall(router: AppRouter, path: unknown): readonly string[] {
  const procedure: unknown = Reflect.get(router._def.procedures, String(path));
  if (typeof procedure !== "function" || !("_def" in procedure)) return ["GET", "POST"];
  return Object(procedure._def).type === "mutation" ? ["POST"] : ["GET"];
}

/** Serves the router under `/trpc` with tRPC's own adapter, inside the hooks of the HTTP host. */
export async function mountTrpc(
  app: FastifyInstance,
  router: AppRouter,
  lane: LargeBatchLane | undefined,
): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook("onRequest", ({ method, params }, _reply, done) => {
      // The adapter is mounted for every method and would first ask for a content type.
      if (/^(?:GET|HEAD|POST|OPTIONS)$/.test(method)) return done();
      return done(methodNotAllowed(methodsOfCall(router, Object(params).path)));
    });
    scope.addHook("preParsing", async (request, _reply, payload) => {
      const encoding = request.headers["content-encoding"];
      if (encoding === undefined) return payload;
      return inflateStream(payload, encoding, request.routeOptions.bodyLimit);
    });
    scope.addHook("preHandler", (request, _reply, done) => {
      if (request.method === "POST" && (request.body ?? "") === "") {
        return done(new SepalError("malformed_body", "the body is empty"));
      }
      return done();
    });
    if (lane !== undefined) {
      scope.addHook("preHandler", (request) => readLargeBody(request, lane));
    }
    scope.addHook("onSend", ({ params }, _reply, payload, done) => {
      if (payload instanceof Response && payload.status === 405 && !payload.headers.has("allow")) {
        payload.headers.set("allow", methodsOfCall(router, Object(params).path).join(", "));
      }
      // tRPC leaves out the type of a failed request's JSON, and Fetch then calls it a text.
      if (
        payload instanceof Response &&
        payload.headers.get("content-type")?.startsWith("text/plain")
      ) {
        payload.headers.set("content-type", "application/json");
      }
      done();
    });
    const options: FastifyTRPCPluginOptions<AppRouter> = {
      prefix: "/trpc",
      trpcOptions: {
        router,
        maxBatchSize: MAX_BATCH_SIZE,
        createContext: ({ req }) => req.call,
        responseMeta: ({ errors }) => ({ headers: headersOf(errors) }),
        onError({ error, req }) {
          if (error.code === "INTERNAL_SERVER_ERROR") {
            const cause = error.cause ?? error;
            req.failure = cause instanceof SepalError ? (cause.cause ?? cause) : cause;
          }
        },
      },
    };
    await scope.register(fastifyTRPCPlugin, options);
  });
}
