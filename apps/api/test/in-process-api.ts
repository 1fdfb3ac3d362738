import { fileURLToPath } from "node:url";
import { ModelRegistry } from "@sepal/model/registry";
import { contracts } from "@sepal/schema/contracts/index";
import type { FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { LargeBatchLane } from "../src/large-batch/large-batch-lane.ts";
import { Lifecycle } from "../src/lifecycle.ts";
import { openLog } from "../src/logger.ts";
import { inferenceMetrics } from "../src/metrics/inference-metrics.ts";
import { createServer } from "../src/server.ts";
import { batchLimits, parseSettings, type Settings } from "../src/settings.ts";

const MODELS_DIR = fileURLToPath(new URL("../../../models", import.meta.url));

/** The same server inside the test's own process, for tests that hold its clock, ask for its routes or `extend` them. */
export async function startInProcess(
  variables: Record<string, string> = {},
  extend: (app: FastifyInstance, settings: Settings) => void = () => {},
) {
  const settings = parseSettings({ MODELS_DIR, LOG_LEVEL: "silent", ...variables });
  const register = new Registry();
  const observer = inferenceMetrics(register);
  const registry = new ModelRegistry({
    repository: settings.MODELS_DIR,
    defaultModel: settings.DEFAULT_MODEL,
    contracts,
    limits: batchLimits(settings),
    observer,
    lane: "batch",
  });
  await registry.load();
  const log = await openLog(settings);
  const largeBatches = new LargeBatchLane({ settings, observer, logger: log.logger });
  const app = await createServer({
    services: { settings, registry, lifecycle: new Lifecycle() },
    log,
    register,
    metrics: () => register.metrics(),
    largeBatches,
  });
  extend(app, settings);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    app,
    async [Symbol.asyncDispose]() {
      await app.close();
      await largeBatches.close();
      await registry.release();
    },
  };
}
