import { live } from "@sepal/schema/health";
import * as z from "zod";
import { getHealth, getReadiness } from "../operations/health.ts";
import { json } from "./endpoint.ts";
import { HEALTH } from "./examples.ts";

const DECLARED = { rules: { access: "open" }, tag: "health" } as const;

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
      isReady: ({ model_loaded }) => model_loaded,
      unready: "The default model does not answer predictions",
      example: () => ({ response: HEALTH }),
    }),
    live: json({
      ...DECLARED,
      operation: getLive,
      rest: { method: "GET", path: "/health/live" },
      trpc: false,
      summary: "Whether the process answers",
      example: () => ({ response: { status: "live" } }),
    }),
    ready: json({
      ...DECLARED,
      operation: getReadiness,
      rest: { method: "GET", path: "/health/ready" },
      trpc: false,
      summary: "Whether to send requests here",
      isReady: ({ status }) => status === "ready",
      unready: "The default or a required model does not answer",
      example: () => ({ response: { status: "ready", reason: null, degraded: [] } }),
    }),
  };
}
