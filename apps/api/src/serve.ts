import cluster from "node:cluster";
import { ModelRegistry } from "@sepal/model/registry";
import { contracts } from "@sepal/schema/contracts/index";
import { Registry } from "prom-client";
import { JobDesk } from "./jobs/job-desk.ts";
import { LargeBatchLane } from "./large-batch/large-batch-lane.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { LogOutput } from "./logger.ts";
import { inferenceMetrics, largeBatchGauge, modelGauges } from "./metrics/inference-metrics.ts";
import { processMetrics } from "./metrics/process-metrics.ts";
import { linkToPrimary } from "./processes/worker-link.ts";
import { createServer } from "./server.ts";
import { batchLimits, type Settings } from "./settings.ts";
import { shutDownOnSignal } from "./shutdown.ts";

interface ServeOptions {
  /** Load the default and the required models before listening, because other processes answer meanwhile. */
  readonly loadFirst: boolean;
}

/** The address cannot be listened on. */
export class ListenError extends Error {
  constructor(host: string, port: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`cannot listen on ${host}:${port}: ${reason}`, { cause });
    this.name = "ListenError";
  }
}

/** Runs one server process: by default it listens first, live at once and ready when the models are. */
export async function serve(
  settings: Settings,
  log: LogOutput,
  { loadFirst }: ServeOptions,
): Promise<void> {
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
  const jobs = new JobDesk({ settings, observer, logger });
  const services = { settings, registry, lifecycle: new Lifecycle(), jobs };
  const largeBatches =
    settings.INFERENCE_THREADS === 0
      ? undefined
      : new LargeBatchLane({ settings, observer, logger });
  if (largeBatches !== undefined) largeBatchGauge(register, largeBatches);
  const metrics = cluster.isWorker ? linkToPrimary(register) : () => register.metrics();
  const app = await createServer({ services, log, register, metrics, largeBatches });
  shutDownOnSignal({ app, services, largeBatches, logger, flush });

  const listen = async () => {
    await app.ready();
    const { HOST: host, PORT: port } = settings;
    const address = await app.listen({ host, port }).catch((cause) => {
      throw new ListenError(host, port, cause);
    });
    logger.info({ address }, "listening");
    void flush();
  };
  const load = async (whenNeeded?: () => Promise<void>) => {
    await registry.load({ required: settings.REQUIRED_MODELS, ...(whenNeeded && { whenNeeded }) });
    if (registry.fault !== null) logger.error(registry.fault);
    for (const model of registry.models()) {
      if (model.reason !== null) logger.error({ model: model.name, reason: model.reason }, "model");
      for (const { version, state, reason } of model.versions.values()) {
        const line = { model: model.name, version, state, reason };
        if (state === "ready") logger.info(line, "model");
        else logger.error(line, "model");
      }
    }
    void flush();
  };
  if (loadFirst) await load(listen);
  else {
    await listen();
    await load();
  }
  jobs.start();
}
