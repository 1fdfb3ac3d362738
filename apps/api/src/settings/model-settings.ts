import type { BatchLimits } from "@sepal/model/batching/dynamic-batcher";
import type { ProcessBounds } from "@sepal/model/probe/bounded-process";
import { ENGINE_CHOICES } from "@sepal/model/engine";
import { DEFAULT_BOUNDS } from "@sepal/model/probe/version-probe";
import * as z from "zod";
import { integer, list, oneOf } from "./setting-rules.ts";

const MIB = 2 ** 20;

/** Which models serve, and how their rows are run: settings of the API, part of `settings.ts`. */
export const modelSettings = {
  MODELS_DIR: z.string().default("models").meta({ description: "The model repository." }),
  MODELS_POLL_MS: integer(0, 3_600_000).default(1000).meta({
    description:
      "Interval between checks of the model repository for changes, in milliseconds; 0 turns them off.",
  }),
  MODELS_PROBE_TIMEOUT_MS: integer(1000, 3_600_000).default(DEFAULT_BOUNDS.deadlineMs).meta({
    description:
      "CPU time limit for the probe process that loads a new version before it serves, in milliseconds; 30 s more per 100 MiB of its file.",
  }),
  MODELS_PROBE_MEMORY_MB: integer(128, 1_048_576)
    .default(DEFAULT_BOUNDS.memoryBytes / MIB)
    .meta({
      description:
        "Memory limit of the probe process, in MiB; 24 times the size of the model file is added, up to half of the machine's memory.",
    }),
  DEFAULT_MODEL: z.string().optional().meta({
    description:
      "Model used where a request names none; its contract has the routes without a prefix.",
    default: "`iris-forest` where there is one, else the first by name",
  }),
  REQUIRED_MODELS: list.default([]).meta({
    description: "Models, besides the default one, that readiness depends on.",
    rule: "names, separated by commas",
  }),
  PUBLISH_MODELS: oneOf(["shipped", "all", "none"]).default("shipped").meta({
    description:
      "Models whose training rows (`/background`) and parameters (`/evaluator`) clients can read: those shipped with Sepal, all, or none. With `none`, no index is searched either.",
  }),
  INFERENCE_ENGINE: oneOf(ENGINE_CHOICES).default("auto").meta({
    description:
      "`auto`: Sepal's evaluator serves a model where its results are bit-identical to ONNX Runtime's; `onnxruntime`: ONNX Runtime serves every model.",
  }),
  INFERENCE_THREADS: integer(0, 1024).optional().meta({
    description: "Worker threads per process for large batches; 0 runs batches on the main thread.",
    default: "cores less one, shared by the processes, at least 1",
  }),
  INFERENCE_THREAD_HEAP_MB: integer(32, 65_536).default(512).meta({
    description:
      "Heap limit of a worker thread, in MiB; a batch that needs more is rejected with 503 and its thread is replaced.",
  }),
  BATCH_MAX_SIZE: integer(1, 65_536)
    .default(128)
    .meta({ description: "Limit of single predictions per execution; 1 turns batching off." }),
  BATCH_MAX_DELAY_MS: integer(0, 1000).default(0).meta({
    description:
      "Limit of the time that a request waits for others to share its execution, in milliseconds; a lone request never waits.",
  }),
  QUEUE_MAX_ROWS: integer(1, 1_000_000)
    .default(4096)
    .meta({ description: "Limit of single predictions queued or running, per model." }),
  QUEUE_MAX_WAIT_MS: integer(1, 600_000).default(600_000).meta({
    description:
      "Limit of the estimated queue time of a new prediction or batch, in milliseconds; beyond it, 503.",
  }),
  CACHE_SIZE: integer(0, 1_000_000).default(0).meta({
    description: "Entries of each process's response cache; 0 turns it off.",
  }),
};

const models = z.object(modelSettings);

type BatchSettings = Pick<
  z.infer<typeof models>,
  "BATCH_MAX_SIZE" | "BATCH_MAX_DELAY_MS" | "QUEUE_MAX_ROWS"
>;

/** The bounds of the dynamic batcher. */
export function batchLimits(settings: BatchSettings): BatchLimits {
  return {
    maxBatchSize: settings.BATCH_MAX_SIZE,
    maxDelayMs: settings.BATCH_MAX_DELAY_MS,
    maxQueueRows: settings.QUEUE_MAX_ROWS,
  };
}

type ProbeSettings = Pick<
  z.infer<typeof models>,
  "MODELS_PROBE_TIMEOUT_MS" | "MODELS_PROBE_MEMORY_MB"
>;

/** What probing a version with a small file may take. */
export function probeBounds(settings: ProbeSettings): ProcessBounds {
  return {
    deadlineMs: settings.MODELS_PROBE_TIMEOUT_MS,
    memoryBytes: settings.MODELS_PROBE_MEMORY_MB * MIB,
  };
}
