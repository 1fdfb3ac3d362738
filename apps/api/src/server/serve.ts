import cluster from "node:cluster";
import { JobService } from "../jobs/job-service.ts";
import { spoolFolder } from "../files/predict-file.ts";
import { keepPrivate } from "../private-data.ts";
import { sweepSpool } from "../files/spool-file.ts";
import { Lifecycle } from "../lifecycle.ts";
import type { LogOutput } from "../observability/logger.ts";
import { modelServing } from "./model-serving.ts";
import { jobMetrics, jobsGauge } from "../observability/metrics/job-metrics.ts";
import { processMetrics } from "../observability/metrics/process-metrics.ts";
import { openProbe } from "../cluster/open-probe.ts";
import type { StartMode } from "../cluster/worker-arguments.ts";
import { linkMetrics, linkProbe, linkQuota, linkRepository } from "../cluster/worker-link.ts";
import { openQuotaStore } from "../rate-limit/quota-store.ts";
import { PredictionCache } from "../response-cache/prediction-cache.ts";
import { createServer } from "./create-app.ts";
import type { Settings } from "../settings/settings.ts";
import { listen, startServing } from "./start-serving.ts";
import { shutDownOnSignal } from "./shutdown.ts";
import { metricsExportFor, tracingFor } from "../observability/open-telemetry.ts";
import { trimHeap } from "./v8-tuning.ts";
import { warmUp } from "./warm-up.ts";

interface ServeOptions {
  readonly mode: StartMode;
  /** Models that are unloaded in the other processes, with the stamps of their folders. */
  readonly unloaded: ReadonlyMap<string, string>;
}

/** Runs one server process. */
export async function serve(
  settings: Settings,
  log: LogOutput,
  { mode, unloaded }: ServeOptions,
): Promise<void> {
  const { logger, flush } = log;
  const admission = cluster.isWorker ? linkProbe() : openProbe(settings, logger);
  const models = modelServing(settings, logger, admission, unloaded);
  const { register, registry, backlog, observer, largeBatches } = models;
  await keepPrivate(settings.DATA_DIR, logger);
  await sweepSpool(spoolFolder(settings));
  processMetrics(register);
  const jobObserver = jobMetrics(register);
  const jobs = new JobService({ settings, admit: admission.admit, observer, jobObserver, logger });
  jobsGauge(register, jobs);
  const repository = cluster.isWorker ? linkRepository(models.loader) : models.control;
  const size = settings.CACHE_SIZE;
  const cache = size === 0 ? undefined : new PredictionCache({ size, register });
  const lifecycle = new Lifecycle();
  const services = { settings, registry, repository, lifecycle, backlog, observer, cache, jobs };
  const metrics = cluster.isWorker ? linkMetrics(register) : () => register.metrics();
  const quotaStore = await openQuotaStore(
    settings,
    logger,
    cluster.isWorker ? linkQuota() : undefined,
  );
  const tracing = await tracingFor(settings, register, logger);
  // The primary sends those of all processes.
  const metricsExport = cluster.isWorker
    ? undefined
    : await metricsExportFor(settings, () => register.getMetricsAsJSON(), logger);
  const { app, rehearse } = await createServer({
    services,
    log,
    register,
    metrics,
    largeBatches,
    quotaStore,
    tracing,
  });
  shutDownOnSignal({
    app,
    services,
    models,
    exports: [tracing, metricsExport].filter((each) => each !== undefined),
    logger,
    flush,
  });

  lifecycle.starting = true;
  await startServing({
    mode,
    services,
    models,
    log,
    async listen() {
      const address = await listen(app, settings);
      logger.info({ address }, "listening");
      void flush();
    },
    async prepare() {
      trimHeap();
      const began = performance.now();
      const predictions = await warmUp(rehearse, registry, settings.WARM_UP_REQUESTS);
      const ms = Math.round(performance.now() - began);
      if (predictions > 0) logger.info({ predictions, ms }, "warmed up");
      lifecycle.starting = false;
    },
  });
  void flush();
  jobs.start();
}
