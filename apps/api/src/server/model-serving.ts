import { Backlog } from "@sepal/model/batching/backlog";
import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import type { ReportModel } from "@sepal/model/repository/model-keeper";
import { ContractRegistry } from "@sepal/model/repository/contract-registry";
import { ModelRegistry } from "@sepal/model/repository/registry";
import { RepositoryLoader, RepositoryWatch } from "@sepal/model/repository/repository-loader";
import { contractProblem } from "@sepal/schema/contract-schema";
import { contracts } from "@sepal/schema/contracts/index";
import { RESERVED_NAMES } from "@sepal/schema/reserved-names";
import type { Logger } from "pino";
import { Registry } from "prom-client";
import { BatchWorkers } from "../batch-workers/batch-workers.ts";
import {
  inferenceMetrics,
  largeBatchGauge,
  modelGauges,
} from "../observability/metrics/inference-metrics.ts";
import { openProbe, type Admission } from "../cluster/open-probe.ts";
import type { RepositoryControl } from "../context.ts";
import { InputDrift } from "../observability/metrics/input-drift.ts";
import { batchLimits } from "../settings/model-settings.ts";
import type { Settings } from "../settings/settings.ts";

/** The models of a server process: where requests find them, what keeps them in step with the disk, and their metrics. */
export interface ModelServing {
  readonly register: Registry;
  readonly observer: InferenceObserver;
  readonly registry: ModelRegistry;
  /** The single rows that wait for the main thread. */
  readonly backlog: Backlog;
  readonly loader: RepositoryLoader;
  /** Loads and unloads models in this process alone. */
  readonly control: RepositoryControl;
  /** Absent where large batches stay on the main thread. */
  readonly largeBatches: BatchWorkers | undefined;
  /** Loads all models and follows the repository from then on; `whenNeeded` is awaited once those that are needed are there. */
  start(whenNeeded: () => Promise<void>): Promise<void>;
  /** Ends the threads and frees the models once their work is done. */
  close(): Promise<void>;
}

function logReports(logger: Logger): ReportModel {
  return (report) => {
    if (report.reason === null || report.state === "gone") logger.info(report, "model");
    else logger.error(report, "model");
  };
}

/** The program's own contracts; throws where one breaks a rule, which those of files are checked for when they are read. */
function compiledContracts(): ContractRegistry {
  for (const contract of Object.values(contracts)) {
    const problem = contractProblem(contract);
    if (problem !== undefined) throw new Error(`contract ${contract.name}: ${problem}`);
  }
  return new ContractRegistry(contracts);
}

/** Puts the models of a server process together; nothing is loaded yet. */
export function modelServing(
  settings: Settings,
  logger: Logger,
  admission: Admission = openProbe(settings, logger),
  unloaded: ReadonlyMap<string, string> = new Map(),
): ModelServing {
  const register = new Registry();
  const drift = new InputDrift();
  const observer = inferenceMetrics(register, drift);
  const backlog = new Backlog({ maxWaitMs: settings.QUEUE_MAX_WAIT_MS, observer });
  const { MODELS_DIR: repository, DEFAULT_MODEL: defaultModel = null, REQUIRED_MODELS } = settings;
  const registry = new ModelRegistry({
    repository,
    defaultModel,
    contracts: compiledContracts(),
  });
  const loader = new RepositoryLoader({
    registry,
    admit: admission.admit,
    report: logReports(logger),
    reserved: RESERVED_NAMES,
    limits: { ...batchLimits(settings), backlog },
    observer,
    lane: "batch",
    unloaded,
  });
  modelGauges(register, registry);
  drift.expose(register, registry);
  const largeBatches =
    settings.INFERENCE_THREADS === 0
      ? undefined
      : new BatchWorkers({ settings, registry, observer, logger });
  if (largeBatches !== undefined) largeBatchGauge(register, largeBatches);
  let watch: RepositoryWatch | undefined;
  let closed = false;
  return {
    register,
    observer,
    registry,
    backlog,
    loader,
    control: {
      load: (model) => loader.loadModel(model),
      async unload(model) {
        await loader.unloadModel(model);
      },
    },
    largeBatches,
    async start(whenNeeded) {
      await loader.load({ required: REQUIRED_MODELS, whenNeeded });
      const interval = settings.MODELS_POLL_MS;
      if (interval > 0 && !closed) watch = new RepositoryWatch(loader, interval);
    },
    async close() {
      closed = true;
      watch?.close();
      admission.close();
      await largeBatches?.close();
      await loader.release();
    },
  };
}
