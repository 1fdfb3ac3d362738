import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { Execution } from "@sepal/model/inference-observer";
import { ModelRegistry } from "@sepal/model/registry";
import { packFailure, type AnswerMessage } from "@sepal/model/worker-protocol";
import { contracts } from "@sepal/schema/contracts/index";
import { Lifecycle } from "../lifecycle.ts";
import { batchLimits } from "../settings.ts";
import type { BatchAnswer, BatchJob, BatchWorkerData } from "./batch-job.ts";
import { runBatchJob } from "./run-batch-job.ts";

// A worker thread: its own models, one batch after the other.

// On Linux this is the priority of the calling thread alone: single predictions on the main thread go first.
setPriority(constants.priority.PRIORITY_LOW);

const { settings }: BatchWorkerData = workerData;
let executions: Execution[] = [];
const registry = new ModelRegistry({
  repository: settings.MODELS_DIR,
  defaultModel: settings.DEFAULT_MODEL,
  contracts,
  limits: batchLimits(settings),
  lane: "worker",
  observer: {
    modelLoaded() {},
    queued() {},
    rejected() {},
    executed: (execution) => executions.push(execution),
  },
});
await registry.load();
const services = { settings, registry, lifecycle: new Lifecycle() };

function answer(message: AnswerMessage<BatchAnswer>, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function handle(job: BatchJob): Promise<void> {
  executions = [];
  try {
    const result = await runBatchJob(job, services, executions);
    const transfer = [result.runs, ...result.parts].map(({ buffer }) => buffer);
    answer({ kind: "result", result }, transfer);
  } catch (error) {
    answer({ kind: "failure", failure: packFailure(error) });
  }
}

parentPort?.on("message", (job: BatchJob) => void handle(job));
answer({ kind: "ready" });
