import type { FastifyInstance } from "fastify";
import type { Settings } from "../settings/settings.ts";
import type { LogOutput } from "../observability/logger.ts";
import { readiness } from "../operations/health.ts";
import { listenTurn, reportLoaded } from "../cluster/worker-link.ts";
import type { StartMode } from "../cluster/worker-arguments.ts";
import type { Services } from "../context.ts";
import type { ModelServing } from "./model-serving.ts";

/** The address cannot be listened on. */
export class ListenError extends Error {
  constructor(host: string, port: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = reason.includes("EADDRINUSE")
      ? "; stop the program that has the port, or set PORT to another"
      : "";
    super(`cannot listen on ${host}:${port}: ${reason}${remedy}`, { cause });
    this.name = "ListenError";
  }
}

/**
 * Connections that wait to be accepted. Of a thousand that open at once Node's default of 511 drops half, and
 * each of those tries again after a second. The kernel lowers it to `net.core.somaxconn`.
 */
const BACKLOG = 4096;

/** Listens on the host and port of the settings, and returns the address; fails with {@link ListenError}. */
export async function listen(
  app: FastifyInstance,
  { HOST: host, PORT: port }: Settings,
): Promise<string> {
  await app.ready();
  return app.listen({ host, port, backlog: BACKLOG }).catch((cause) => {
    throw new ListenError(host, port, cause);
  });
}

interface Start {
  readonly mode: StartMode;
  readonly services: Services;
  readonly models: ModelServing;
  readonly log: LogOutput;
  readonly listen: () => Promise<void>;
  /** What remains to be done before the process is ready, once the models that are needed are loaded. */
  readonly prepare: () => Promise<void>;
}

/** Ends the process with 1 unless it is ready. */
async function readyOrExit(services: Services, { logger, flush }: LogOutput): Promise<void> {
  const { status, reason } = await readiness(services);
  if (status === "ready") return;
  logger.error({ reason }, "not ready");
  await flush();
  process.exit(1);
}

/** Loads all models, and listens when it is the turn of that. */
export async function startServing({
  mode,
  services,
  models,
  log,
  listen,
  prepare,
}: Start): Promise<void> {
  if (mode === "listen") await listen();
  await models.start(async () => {
    if (mode !== "load-all") await prepare();
    if (mode === "listen") reportLoaded();
    if (mode !== "load") return;
    await listenTurn();
    await listen();
  });
  const { defaultModel, rootContract } = services.registry;
  log.logger.info({ default_model: defaultModel, contract: rootContract?.name }, "default model");
  if (mode !== "load-all") return;
  await prepare();
  await readyOrExit(services, log);
  await listen();
}
