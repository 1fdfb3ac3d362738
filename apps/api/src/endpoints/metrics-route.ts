import type { FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { OPEN } from "../http/route-rules.ts";

/** `GET /metrics`: Prometheus text. */
export function metricsRoute(app: FastifyInstance, metrics: () => Promise<string>): void {
  app.get("/metrics", OPEN, async (_request, reply) =>
    reply.header("content-type", Registry.PROMETHEUS_CONTENT_TYPE).send(await metrics()),
  );
}
