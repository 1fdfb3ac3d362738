import cluster from "node:cluster";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { JobDesk } from "./jobs/job-desk.ts";
import { spoolFolder } from "./files/predict-file.ts";
import { sweepSpool } from "./files/spool-file.ts";
import { Lifecycle } from "./lifecycle/lifecycle.ts";
import type { LogOutput } from "./logs/logger.ts";
import { modelServing } from "./model-serving.ts";
import { jobMetrics, jobsGauge } from "./metrics/job-metrics.ts";
import { defaultModelFault } from "./operations/select-model.ts";
import { processMetrics } from "./metrics/process-metrics.ts";
import { readiness } from "./operations/health.ts";
import { linkRepository } from "./processes/repository-link.ts";
import { linkToPrimary } from "./processes/worker-link.ts";
import { openQuotaStore } from "./quota/open-quota-store.ts";
import { PredictionCache } from "./response-cache/prediction-cache.ts";
import { createServer } from "./server.ts";
import type { Settings } from "./settings.ts";
import { shutDownOnSignal } from "./lifecycle/shutdown.ts";
import { tracesUrl } from "./tracing/tracing-settings.ts";
import type { Tracing } from "./tracing/tracing.ts";
import { trimHeap } from "./lifecycle/trim-heap.ts";

interface ServeOptions {
  /** Load the default and the required models before listening, because other processes answer meanwhile. */
  readonly loadFirst: boolean;
  /** Load every model before listening, and end with 1 where the process is not ready then: it shall take the place of one that is. */
  readonly loadAll: boolean;
  /** Models that are unloaded in the other processes, with the stamps of their folders. */
  readonly unloaded: ReadonlyMap<string, string>;
}

/** The address cannot be listened on. */
export class ListenError extends Error {
  constructor(host: string, port: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`cannot listen on ${host}:${port}: ${reason}`, { cause });
    this.name = "ListenError";
  }
}

/** Opens what sends traces; where none are sent, nothing of it is even loaded. */
async function tracingFor(
  settings: Settings,
  register: Registry,
  logger: Logger,
): Promise<Tracing | undefined> {
  const url = tracesUrl(settings);
  if (url === undefined) return undefined;
  const { openTracing } = await import("./tracing/open-tracing.ts");
  return openTracing({ url, settings, register, logger });
}

/** Runs one server process: by default it listens first, live at once and ready when the models are. */
export async function serve(
  settings: Settings,
  log: LogOutput,
  { loadFirst, loadAll, unloaded }: ServeOptions,
): Promise<void> {
  const { logger, flush } = log;
  const models = modelServing(settings, logger, unloaded);
  const { register, registry, backlog, observer, largeBatches } = models;
  await sweepSpool(spoolFolder(settings));
  processMetrics(register);
  const jobObserver = jobMetrics(register);
  const jobs = new JobDesk({ settings, observer, jobObserver, logger });
  jobsGauge(register, jobs);
  const repository = cluster.isWorker ? linkRepository(models.loader) : models.control;
  const size = settings.CACHE_SIZE;
  const cache = size === 0 ? undefined : new PredictionCache({ size, register });
  const lifecycle = new Lifecycle();
  const services = { settings, registry, repository, lifecycle, backlog, observer, cache, jobs };
  const metrics = cluster.isWorker ? linkToPrimary(register) : () => register.metrics();
  const quotaStore = await openQuotaStore(settings, logger);
  const tracing = await tracingFor(settings, register, logger);
  const app = await createServer({
    services,
    log,
    register,
    metrics,
    largeBatches,
    quotaStore,
    tracing,
  });
  shutDownOnSignal({ app, services, models, tracing, logger, flush });

  const listen = async () => {
    await app.ready();
    const { HOST: host, PORT: port } = settings;
    const address = await app.listen({ host, port }).catch((cause) => {
      throw new ListenError(host, port, cause);
    });
    logger.info({ address }, "listening");
    void flush();
  };
  if (!loadFirst && !loadAll) await listen();
  await models.start(loadFirst ? listen : undefined);
  const misplaced = defaultModelFault(registry);
  if (misplaced !== null) logger.error(misplaced);
  if (loadAll) {
    const { status, reason } = await readiness(services);
    if (status !== "ready") {
      logger.error({ reason }, "not ready");
      await flush();
      process.exit(1);
    }
    await listen();
  }
  trimHeap();
  void flush();
  jobs.start();
}
