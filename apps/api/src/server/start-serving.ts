import type { LogOutput } from "../observability/logger.ts";
import { readiness } from "../operations/health.ts";
import { defaultModelFault } from "../operations/operation.ts";
import { listenTurn, reportLoaded } from "../cluster/worker-link.ts";
import type { StartMode } from "../cluster/worker-arguments.ts";
import type { Services } from "../context.ts";
import type { ModelServing } from "./model-serving.ts";

interface Start {
  readonly mode: StartMode;
  readonly services: Services;
  readonly models: ModelServing;
  readonly log: LogOutput;
  readonly listen: () => Promise<void>;
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
export async function startServing({ mode, services, models, log, listen }: Start): Promise<void> {
  if (mode === "listen") await listen();
  await models.start(async () => {
    if (mode === "listen") reportLoaded();
    if (mode !== "load") return;
    await listenTurn();
    await listen();
  });
  const misplaced = defaultModelFault(services.registry);
  if (misplaced !== null) log.logger.error(misplaced);
  if (mode !== "load-all") return;
  await readyOrExit(services, log);
  await listen();
}
