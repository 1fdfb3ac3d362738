import { live } from "@sepal/schema/health";
import * as z from "zod";
import { getHealth, getReadiness, readiness } from "../operations/health.ts";
import { bytes, json } from "./endpoint.ts";
import { HEALTH } from "./examples.ts";

const DECLARED = { rules: { access: "open", probe: true }, tag: "health" } as const;

const getLive = {
  input: z.strictObject({}).optional(),
  output: live,
  run: () => ({ status: "live" as const }),
};

/** Whether the process lives, is ready for requests, and predicts; 503 with the reason when not. */
export function healthEndpoints() {
  return {
    health: json({
      ...DECLARED,
      operation: getHealth,
      rest: { method: "GET", path: "/health" },
      trpc: "query",
      summary: "Check the default model",
      description: "Includes the state of every model, and the files that cannot be used.",
      isReady: ({ status }) => status === "ok",
      unready: "The default model is not ready",
      example: () => ({ response: HEALTH }),
    }),
    live: json({
      ...DECLARED,
      operation: getLive,
      rest: { method: "GET", path: "/health/live" },
      trpc: false,
      summary: "Check that the process is alive",
      description: "200 while models load and during shutdown, too.",
      example: () => ({ response: { status: "live" } }),
    }),
    ping: bytes({
      ...DECLARED,
      rest: { method: "GET", path: "/ping" },
      async handler({ exchange: { call } }, reply) {
        const { status } = await readiness(call.services);
        return reply.code(status === "ready" ? 200 : 503).send();
      },
      summary: "Check readiness, by status code alone",
      description: "The route of MLflow's scoring server.",
      document: () => ({
        responses: {
          200: { description: "Ready; the body is empty" },
          503: { description: "Not ready; the body is empty" },
        },
      }),
    }),
    ready: json({
      ...DECLARED,
      operation: getReadiness,
      rest: { method: "GET", path: "/health/ready" },
      trpc: false,
      summary: "Check readiness",
      description:
        "503 while models load, while the default or a required model fails, and during shutdown.",
      isReady: ({ status }) => status === "ready",
      unready: "The default or a required model is not ready",
      example: () => ({ response: { status: "ready", reason: null, degraded: [] } }),
    }),
  };
}
