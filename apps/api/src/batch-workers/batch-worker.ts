import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { Execution } from "@sepal/model/session/inference-observer";
import { ContractRegistry } from "@sepal/model/repository/contract-registry";
import { ModelMirror } from "@sepal/model/repository/model-mirror";
import { packFailure, type ResultMessage } from "@sepal/model/workers/worker-pool";
import { contracts } from "@sepal/schema/contracts/index";
import { Lifecycle } from "../lifecycle.ts";
import { batchLimits } from "../settings/model-settings.ts";
import {
  isRead,
  type BatchResult,
  type BatchJob,
  type BlockJobResult,
  type BlockJob,
  type ReadResult,
  type ReadJob,
  type BatchWorkerData,
  type ToBatchWorker,
} from "./worker-jobs.ts";
import { runBatchJob } from "./run-batch-job.ts";
import { memoryOf, runBlockJob } from "./run-block-job.ts";
import { runReadJob } from "./run-read-job.ts";

// A worker thread: the models of its process in sessions of its own, one batch after the other.

// On Linux this is the priority of the calling thread alone: single predictions on the main thread go first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const { settings, image }: BatchWorkerData = workerData;
let executions: Execution[] = [];
const mirror = new ModelMirror(image, {
  contracts: new ContractRegistry(contracts),
  limits: batchLimits(settings),
  lane: "worker",
  observer: {
    modelLoaded() {},
    queued() {},
    rejected() {},
    executed: (execution) => executions.push(execution),
  },
});
const { registry } = mirror;
await mirror.show(image);
const services = { settings, registry, lifecycle: new Lifecycle() };

function post(
  message: ResultMessage<BatchResult | BlockJobResult | ReadResult>,
  transfer: ArrayBuffer[] = [],
): void {
  parentPort?.postMessage(message, transfer);
}

function memoryOfRows(result: ReadResult): ArrayBuffer[] {
  return "rows" in result && result.rows instanceof Float32Array ? [result.rows.buffer] : [];
}

async function handle(job: BatchJob | BlockJob | ReadJob): Promise<void> {
  executions = [];
  try {
    if (isRead(job)) {
      const result = runReadJob(job, { registry, maxBatchRows: settings.MAX_BATCH_ROWS });
      post({ kind: "result", result }, memoryOfRows(result));
      return;
    }
    if ("task" in job) {
      const result = await runBlockJob(job, registry, executions);
      post({ kind: "result", result }, memoryOf(result));
      return;
    }
    const result = await runBatchJob(job, services, executions);
    const transfer = [result.runs, result.sample.rows, ...result.parts].map(({ buffer }) => buffer);
    post({ kind: "result", result }, transfer);
  } catch (error) {
    post({ kind: "failure", failure: packFailure(error) });
  }
}

let turn: Promise<void> = Promise.resolve();
parentPort?.on("message", (message: ToBatchWorker) => {
  // In their order: a batch that came after a swap is scored by the new version.
  turn = turn.then(() => ("image" in message ? mirror.show(message.image) : handle(message)));
});
post({ kind: "ready" });
