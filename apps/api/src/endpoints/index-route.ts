import type { FastifyInstance } from "fastify";
import { OPEN } from "../http/route-rules.ts";
import type { RouteTable } from "../http/route-rules.ts";
import { VERSION } from "../version.ts";
import { asJson } from "../http/json.ts";

/** `GET /`: what there is. */
export function indexRoute(app: FastifyInstance, routes: RouteTable, docs: boolean): void {
  app.get("/", OPEN, (_request, reply) =>
    asJson(reply, {
      name: "Sepal",
      version: VERSION,
      docs: docs ? { swagger: "/docs", redoc: "/redoc", openapi: "/openapi.json" } : null,
      trpc: "/trpc",
      metrics: "/metrics",
      routes: [...routes]
        .filter(([url]) => !url.startsWith("/docs/") && !url.startsWith("/redoc/"))
        .map(([url, methods]) => ({
          path: url.replaceAll(/:(\w+)/g, "{$1}"),
          methods: [...methods].filter((method) => method !== "HEAD"),
        })),
    }),
  );
}
