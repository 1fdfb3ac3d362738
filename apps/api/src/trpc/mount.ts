import { SepalError } from "@sepal/schema/sepal-error";
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from "@trpc/server/adapters/fastify";
import type { FastifyInstance } from "fastify";
import type { AppRouter } from "./router.ts";

/** Most calls in one HTTP request. */
const MAX_BATCH_SIZE = 100;

/** Serves the router under `/trpc` with tRPC's own adapter, inside the hooks of the HTTP host. */
export async function mountTrpc(app: FastifyInstance, router: AppRouter): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook("preHandler", (request, _reply, done) => {
      if (request.method === "POST" && (request.body ?? "") === "") {
        return done(new SepalError("malformed_body", "the body is empty"));
      }
      return done();
    });
    const options: FastifyTRPCPluginOptions<AppRouter> = {
      prefix: "/trpc",
      trpcOptions: {
        router,
        maxBatchSize: MAX_BATCH_SIZE,
        createContext: ({ req }) => req.call,
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
