import cluster from "node:cluster";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { Server, type Socket } from "node:net";
import { endProcess } from "../end-process.ts";
import { handleStop } from "../stop-signals.ts";
import { lastExportMs } from "../observability/open-telemetry.ts";
import type { ModelServing } from "./model-serving.ts";
import type { ToWorker } from "../cluster/messages.ts";
import type { Services } from "../context.ts";

/** How long requests on connections that were open still get a response, 503, in milliseconds. */
const LINGER_MS = 500;

interface ShutdownOptions {
  readonly app: FastifyInstance;
  readonly services: Services;
  readonly models: ModelServing;
  /** What sends traces and metrics. */
  readonly exports: readonly { close(withinMs: number): Promise<void> }[];
  readonly logger: Logger;
  /** Writes out collected log lines. */
  readonly flush: () => Promise<void>;
}

/** How long a process that makes way serves quiet connections at most, in milliseconds. */
const QUIET_MS = 5000;

/**
 * On SIGTERM, SIGINT or SIGHUP: not ready at once, out of rotation, drained, exit 0; a second SIGTERM or SIGINT exits now.
 *
 * A worker that its primary asks to retire drains without refusing anything.
 */
export function shutDownOnSignal(options: ShutdownOptions): void {
  const { app, services, models, exports, logger, flush } = options;
  const { lifecycle, settings } = services;
  const { SHUTDOWN_GRACE_MS: grace } = settings;
  const closer = new ServerCloser(app);
  const cutOff = async () => {
    await flush();
    process.exit(1);
  };
  const finish = async (lingerMs: number) => {
    const graceEnds = performance.now() + grace;
    const overdue = setTimeout(() => {
      logger.error("work in flight did not finish within the grace time");
      void cutOff();
    }, grace);
    const jobs = services.jobs?.stop();
    await closer.close(Math.min(lingerMs, grace / 2));
    await jobs;
    await services.jobs?.close();
    await models.close();
    clearTimeout(overdue);
    // A collector that is away must not make a clean end look like one that was cut off.
    const within = lastExportMs(graceEnds);
    await Promise.all(exports.map((each) => each.close(within)));
    logger.info("stopped");
    await flush();
    endProcess(0);
  };
  const shutDown = async (signal: NodeJS.Signals) => {
    if (lifecycle.draining) return cutOff();
    const retiring = lifecycle.closing;
    lifecycle.drain();
    logger.info({ signal }, "draining");
    if (settings.READINESS_GRACE_MS > 0) await sleep(settings.READINESS_GRACE_MS);
    lifecycle.refuse();
    return retiring ? undefined : finish(LINGER_MS);
  };
  const retire = async () => {
    if (lifecycle.closing) return;
    lifecycle.retire();
    logger.info("retiring");
    // Ends what watches jobs, which comes again; by then no connection is quiet any more.
    setTimeout(() => lifecycle.refuse(), Math.min(QUIET_MS, grace / 2) + LINGER_MS).unref();
    await finish(QUIET_MS);
  };
  handleStop((signal) => void shutDown(signal));
  if (cluster.isWorker) {
    process.on("message", (message: ToWorker) => {
      if (message.type === "retire") void retire();
    });
  } else {
    process.on("SIGUSR2", () => {
      logger.warn(
        "SIGUSR2 restarts server processes in turn, and with WORKERS=1 there is no other",
      );
    });
  }
}

/** How often connections that have become idle are closed, in milliseconds. */
const REAP_INTERVAL_MS = 100;

/** Ends a server without cutting off a request or a response. */
class ServerCloser {
  readonly #app: FastifyInstance;
  readonly #connections = new Set<Socket>();

  /** Follows the connections of a server from here on. */
  constructor(app: FastifyInstance) {
    this.#app = app;
    app.server.on("connection", (socket) => {
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
  }

  /** Stops accepting at once, keeps open connections for `lingerMs`, then ends each when it is idle; settles when none is left. */
  async close(lingerMs: number): Promise<void> {
    let reaper: NodeJS.Timeout | undefined;
    const linger = setTimeout(() => {
      reaper = setInterval(() => this.#reap(), REAP_INTERVAL_MS);
    }, lingerMs);
    await this.#stopAccepting();
    clearTimeout(linger);
    clearInterval(reaper);
    await this.#app.close();
  }

  /** `close` of an HTTP server would end idle connections as well; settles when the last one has ended. */
  #stopAccepting(): Promise<void> {
    return new Promise((resolve) => {
      // oxlint-disable-next-line typescript/unbound-method -- bound to the server in this call
      Reflect.apply(Server.prototype.close, this.#app.server, [() => resolve()]);
    });
  }

  #reap(): void {
    // To Node a connection is idle while its last response still waits to be written.
    const writing = [...this.#connections].some((socket) => socket.writableLength > 0);
    if (!writing) this.#app.server.closeIdleConnections();
  }
}
