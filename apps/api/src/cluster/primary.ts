import cluster, { type Worker } from "node:cluster";
import { Registry } from "prom-client";
import { endProcess } from "../end-process.ts";
import { handleStop } from "../stop-signals.ts";
import type { LogOutput } from "../observability/logger.ts";
import { workerRestarts } from "../observability/metrics/process-metrics.ts";
import { lastExportMs, metricsExportFor } from "../observability/open-telemetry.ts";
import type { Settings } from "../settings/settings.ts";
import { TokenBuckets } from "../rate-limit/token-buckets.ts";
import type { ToPrimary, ToWorker } from "./messages.ts";
import { takeBackHandOvers } from "./hand-overs.ts";
import { sharedResult } from "../shared-result.ts";
import { MetricsHub } from "./metrics-hub.ts";
import { openProbe } from "./open-probe.ts";
import { RepositoryHub } from "./repository-hub.ts";
import { RollingRestart } from "./rolling-restart.ts";
import { Watchdog } from "./watchdog.ts";
import { LOAD_ALL, LOAD_FIRST, unloadedArgument } from "./worker-arguments.ts";

/** A worker that dies sooner than this after its start, in milliseconds, is started again more slowly. */
const EARLY_DEATH_MS = 2000;
const MAX_RESTART_DELAY_MS = 5000;

/** How much longer than its grace times a worker may take to end, in milliseconds. */
const OVERDUE_MS = 1000;

function send(worker: Worker, message: ToWorker): void {
  // Without a callback, writing to one that has just died would be an uncaught error here.
  if (worker.isConnected()) worker.send(message, () => undefined);
}

function running(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

/** Runs `settings.WORKERS` server processes on one port, replaces those that end, and sums the metrics of all. */
export function runPrimary(settings: Settings, { logger, flush }: LogOutput): void {
  const register = new Registry();
  const restarts = workerRestarts(register);
  const hub = new MetricsHub(register);
  const repository = new RepositoryHub();
  const quota = new TokenBuckets();
  const probe = openProbe(settings, logger);
  let draining = false;
  let listened = false;
  /** Settled when the process that listens first has its models, or has ended. */
  const firstLoaded = Promise.withResolvers<void>();
  /** Processes that take connections. */
  const listening = new Set<number>();
  let earlyDeaths = 0;
  /** Processes that are not replaced: those that were asked to end, and successors that are not ready. */
  const unreplaced = new Set<number>();
  const watchdog = new Watchdog({
    patienceMs: settings.WORKER_TIMEOUT_MS,
    silent(id) {
      if (draining) return;
      logger.error({ worker: id }, "a server process gives no sign of life and is killed");
      cluster.workers?.[id]?.process.kill("SIGKILL");
    },
  });

  cluster.once("listening", () => {
    listened = true;
  });

  const sum = sharedResult(async () => {
    try {
      return await (await hub.sum()).metrics();
    } catch (error) {
      logger.error({ err: error }, "the metrics cannot be summed");
      return null;
    }
  }, settings.STATUS_MAX_AGE_MS);
  const collect = async () => (await hub.sum()).getMetricsAsJSON();
  const metricsExport = metricsExportFor(settings, collect, logger);
  const receive = async (worker: Worker, message: ToPrimary) => {
    watchdog.heartbeat(worker.id);
    if (message.type === "loaded") return firstLoaded.resolve();
    if (message.type === "turn-please") {
      await firstLoaded.promise;
      return send(worker, { type: "turn" });
    }
    const { id, type } = message;
    if (type === "snapshot") hub.receive(worker.id, message.snapshot, id);
    else if (type === "metrics-please") send(worker, { type: "metrics", id, text: await sum() });
    else if (type === "quota-please") {
      send(worker, { type: "quota", id, grant: quota.take(message.request) });
    } else if (type === "probe-please") {
      send(worker, { type: "verdict", id, verdict: await probe.admit(message.candidate) });
    } else if (type === "repository-done") repository.done(id, message.outcome);
    else {
      const outcome = await repository.carryOut(message.order);
      send(worker, { type: "repository-result", id, outcome });
    }
  };
  const giveUp = async (code: number) => {
    draining = true;
    for (const worker of running()) worker.process.kill("SIGKILL");
    await flush();
    process.exit(code);
  };

  const start = (args: string[]): Worker => {
    // Round robin: a closing SO_REUSEPORT listener would drop the connections in its queue.
    cluster.setupPrimary({ args: [...args, ...unloadedArgument(repository.unloaded)] });
    const started = performance.now();
    const worker = cluster.fork();
    worker.once("listening", () => listening.add(worker.id));
    takeBackHandOvers(worker, () => listening.size > 0);
    repository.join({
      id: worker.id,
      order: (id, order) => send(worker, { type: "repository-order", id, order }),
    });
    hub.join({ id: worker.id, ask: (id) => send(worker, { type: "snapshot-please", id }) });
    worker.on("message", (message: ToPrimary) => void receive(worker, message));
    worker.once("exit", (code, signal) => {
      listening.delete(worker.id);
      hub.leave(worker.id);
      watchdog.leave(worker.id);
      repository.leave(worker.id);
      if (draining || unreplaced.delete(worker.id)) return;
      logger.error({ worker: worker.id, code, signal }, "a server process ended");
      // What keeps the first one from listening, such as a taken port, keeps the next one as well.
      if (!listened) {
        void giveUp(code ?? 1);
        return;
      }
      earlyDeaths = performance.now() - started < EARLY_DEATH_MS ? earlyDeaths + 1 : 0;
      const delay = earlyDeaths === 0 ? 0 : Math.min(MAX_RESTART_DELAY_MS, 50 * 2 ** earlyDeaths);
      setTimeout(() => {
        if (draining) return;
        restarts.inc();
        start([LOAD_FIRST]);
      }, delay);
    });
    return worker;
  };
  const rolling = new RollingRestart({
    logger,
    running: () => (draining ? [] : running()),
    start() {
      const worker = start([LOAD_ALL]);
      unreplaced.add(worker.id);
      worker.once("listening", () => unreplaced.delete(worker.id));
      return worker;
    },
    retire(worker) {
      unreplaced.add(worker.id);
      send(worker, { type: "retire" });
    },
    patienceMs: settings.SHUTDOWN_GRACE_MS + OVERDUE_MS,
  });

  const shutDown = async (signal: NodeJS.Signals) => {
    if (draining) return giveUp(1);
    draining = true;
    const workers = running();
    const graceMs = settings.READINESS_GRACE_MS + settings.SHUTDOWN_GRACE_MS;
    const graceEnds = performance.now() + graceMs;
    logger.info({ signal }, "draining");
    const last = Promise.all(
      workers.map(
        (worker) =>
          new Promise<boolean>((resolve) => {
            // Before its JavaScript runs, a starting worker ends by the signal itself, with nothing in flight.
            worker.once("exit", (code, by) => resolve(code === 0 || by === "SIGTERM"));
          }),
      ),
    );
    for (const worker of workers) worker.process.kill("SIGTERM");
    const overdue = setTimeout(() => {
      logger.error("a server process did not end within the grace time");
      for (const worker of workers) worker.process.kill("SIGKILL");
    }, graceMs + OVERDUE_MS);
    const clean = await last;
    clearTimeout(overdue);
    await (await metricsExport)?.close(lastExportMs(graceEnds));
    logger.info("stopped");
    await flush();
    return endProcess(clean.every(Boolean) ? 0 : 1);
  };
  handleStop((signal) => void shutDown(signal));
  process.on("SIGUSR2", () => void rolling.run());

  // The first one listens at once and is live while it loads; the others join when they can serve.
  start([]).once("exit", () => firstLoaded.resolve());
  for (let index = 1; index < settings.WORKERS; index += 1) start([LOAD_FIRST]);
}
