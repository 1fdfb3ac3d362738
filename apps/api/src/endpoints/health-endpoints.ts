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
      summary: "Whether the default model answers predictions",
      description: "With the state of every model, and of files that cannot be used.",
      isReady: ({ status }) => status === "ok",
      unready: "The default model does not answer predictions",
      example: () => ({ response: HEALTH }),
    }),
    live: json({
      ...DECLARED,
      operation: getLive,
      rest: { method: "GET", path: "/health/live" },
      trpc: false,
      summary: "Whether the process answers",
      description: "Also while models load and while the server shuts down.",
      example: () => ({ response: { status: "live" } }),
    }),
    ping: bytes({
      ...DECLARED,
      rest: { method: "GET", path: "/ping" },
      async handler({ exchange: { call } }, reply) {
        const { status } = await readiness(call.services);
        return reply.code(status === "ready" ? 200 : 503).send();
      },
      summary: "Whether to send requests here, by the status alone",
      description: "As MLflow's scoring server has it.",
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
      summary: "Whether to send requests here",
      description:
        "503 while models load, the default or a required one fails, or the server shuts down.",
      isReady: ({ status }) => status === "ready",
      unready: "The default or a required model does not answer",
      example: () => ({ response: { status: "ready", reason: null, degraded: [] } }),
    }),
  };
}
