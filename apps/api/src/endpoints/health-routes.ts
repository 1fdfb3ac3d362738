import type { FastifyInstance } from "fastify";
import { OPEN } from "../http/route-rules.ts";
import { getHealth, readiness } from "../operations/health.ts";
import type { Services } from "../context.ts";
import { asJson } from "../http/json.ts";

/** Whether the process lives, is ready for requests, and predicts; 503 with the reason when not. */
export function healthRoutes(app: FastifyInstance, services: Services): void {
  app.get("/health", OPEN, async (request, reply) => {
    const health = await getHealth.run({}, request.call);
    return asJson(reply.code(health.model_loaded ? 200 : 503), health);
  });
  app.get("/health/live", OPEN, (_request, reply) => asJson(reply, { status: "live" }));
  app.get("/health/ready", OPEN, async (_request, reply) => {
    const answer = await readiness(services);
    return asJson(reply.code(answer.status === "ready" ? 200 : 503), answer);
  });
}
