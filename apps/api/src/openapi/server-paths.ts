import { live, readiness } from "@sepal/schema/health";
import { modelBackground } from "@sepal/schema/model-card";
import * as z from "zod";
import { get, json, modelName, text } from "./path-builders.ts";

const index = z.object({
  name: z.string(),
  version: z.string(),
  docs: z
    .object({ swagger: z.string(), redoc: z.string(), openapi: z.string() })
    .nullable()
    .meta({ description: "Where the documentation is; null where it is off." }),
  trpc: z.string(),
  metrics: z.string(),
  routes: z.array(z.object({ path: z.string(), methods: z.array(z.string()) })),
});

/** Paths that tell about the server: health, metrics, documentation, training data. */
export function serverPaths() {
  const tag = "server";
  return {
    "/": get({ id: "index", tag, summary: "What there is" }, json(index)),
    "/health/live": get(
      { id: "live", tag: "health", summary: "Whether the process answers" },
      json(live),
    ),
    "/health/ready": get(
      { id: "ready", tag: "health", summary: "Whether to send requests here" },
      {
        ...json(readiness),
        503: {
          description: "The default or a required model does not answer",
          content: { "application/json": { schema: readiness } },
        },
      },
    ),
    "/metrics": get(
      { id: "metrics", tag, summary: "Metrics" },
      text("text/plain", "Prometheus text"),
    ),
    "/openapi.json": get(
      { id: "openapi", tag, summary: "This document" },
      json(z.looseObject({ openapi: z.string() })),
    ),
    "/docs": get({ id: "docs", tag, summary: "Swagger UI" }, text("text/html", "A page")),
    "/redoc": get({ id: "redoc", tag, summary: "ReDoc" }, text("text/html", "A page")),
    "/models/{model_name}/background": get(
      {
        id: "models-background",
        tag: "models",
        summary: "The rows a model was trained on, at most 500",
        params: modelName,
      },
      json(modelBackground),
    ),
  };
}
