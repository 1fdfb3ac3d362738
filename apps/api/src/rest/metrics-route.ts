import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";

/** `GET /metrics`: Prometheus text. */
export function metricsRoute(app: FastifyInstance, register: Registry): void {
  app.get("/metrics", async (_request, reply) =>
    reply.header("content-type", register.contentType).send(await register.metrics()),
  );
}
