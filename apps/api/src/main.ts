import { contracts } from "@sepal/schema/contracts/index";
import { ModelRegistry } from "@sepal/model/registry";
import { Registry } from "prom-client";
import { LargeBatchLane } from "./large-batch/large-batch-lane.ts";
import { Lifecycle } from "./lifecycle.ts";
import { openLog } from "./logger.ts";
import { inferenceMetrics, modelGauges } from "./metrics/inference-metrics.ts";
import { processMetrics } from "./metrics/process-metrics.ts";
import { createServer } from "./server.ts";
import { batchLimits, readSettings, SettingsError, type Settings } from "./settings.ts";
import { shutDownOnSignal } from "./shutdown.ts";

function settingsOrExit(): Settings {
  try {
    return readSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const line of error.lines) console.error(`sepal: ${line}`);
    return process.exit(1);
  }
}

const settings = settingsOrExit();
const log = openLog(settings);
const { logger, flush } = log;
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
modelGauges(register, registry);
processMetrics(register);
const lifecycle = new Lifecycle();
const services = { settings, registry, lifecycle };
const largeBatches =
  settings.INFERENCE_THREADS === 0 ? undefined : new LargeBatchLane({ settings, observer, logger });
const app = await createServer({ services, log, register, largeBatches });
shutDownOnSignal({ app, services, largeBatches, logger, flush });

try {
  // Listens first: live at once, ready when the models are.
  const address = await app.listen({ host: settings.HOST, port: settings.PORT });
  logger.info({ address }, "listening");
  flush();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`sepal: cannot listen on ${settings.HOST}:${settings.PORT}: ${reason}`);
  process.exit(1);
}

await registry.load();
if (registry.fault !== null) logger.error(registry.fault);
for (const model of registry.models()) {
  if (model.reason !== null) logger.error({ model: model.name, reason: model.reason }, "model");
  for (const { version, state, reason } of model.versions.values()) {
    const line = { model: model.name, version, state, reason };
    if (state === "ready") logger.info(line, "model");
    else logger.error(line, "model");
  }
}
flush();
