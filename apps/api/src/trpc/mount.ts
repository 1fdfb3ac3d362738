import { SepalError } from "@sepal/schema/sepal-error";
import type { TRPCError } from "@trpc/server";
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from "@trpc/server/adapters/fastify";
import type { FastifyInstance } from "fastify";
import type { AppRouter } from "./router.ts";

/** Most calls in one HTTP request. */
const MAX_BATCH_SIZE = 100;

/** Headers of the first failure that brings any, such as `retry-after`. */
function headersOf(errors: readonly TRPCError[]): Record<string, string> {
  const causes = errors.map(({ cause }) => (cause instanceof SepalError ? cause.headers : {}));
  return { ...causes.find((headers) => Object.keys(headers).length > 0) };
}

/** Serves the router under `/trpc` with tRPC's own adapter, inside the hooks of the HTTP host. */
export async function mountTrpc(app: FastifyInstance, router: AppRouter): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook("preHandler", (request, _reply, done) => {
      if (request.method === "POST" && (request.body ?? "") === "") {
        return done(new SepalError("malformed_body", "the body is empty"));
      }
      return done();
    });
    scope.addHook("onSend", (_request, _reply, payload, done) => {
      // tRPC leaves out the type of a failed request's JSON, and Fetch then calls it a text.
      if (payload instanceof Response && payload.headers.get("content-type")?.startsWith("text/")) {
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
