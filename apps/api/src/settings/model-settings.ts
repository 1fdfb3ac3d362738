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
      "How often the model repository is looked at for changes, in milliseconds; 0 never looks.",
  }),
  MODELS_PROBE_TIMEOUT_MS: integer(1000, 3_600_000).default(DEFAULT_BOUNDS.deadlineMs).meta({
    description:
      "Longest computing time for loading a new version in a process of its own before it serves, in milliseconds; 30 s more for each 100 MiB of its file.",
  }),
  MODELS_PROBE_MEMORY_MB: integer(128, 1_048_576)
    .default(DEFAULT_BOUNDS.memoryBytes / MIB)
    .meta({
      description:
        "Most memory of that process, in MiB; 24 times the size of the model's file more, and never above half of the memory there is.",
    }),
  DEFAULT_MODEL: z.string().optional().meta({
    description:
      "Model that predicts where none is named; its contract has the routes without a prefix.",
    default: "`iris-forest` where there is one, else the first by name",
  }),
  REQUIRED_MODELS: list.default([]).meta({
    description: "Models besides the default one that readiness waits for.",
    rule: "names, separated by commas",
  }),
  PUBLISH_MODELS: oneOf(["shipped", "all", "none"]).default("shipped").meta({
    description:
      "Whose training rows (`/background`) and whose model itself (`/evaluator`) clients can read: of the models that come with Sepal, of all, or of none.",
  }),
  INFERENCE_ENGINE: oneOf(ENGINE_CHOICES).default("auto").meta({
    description:
      "`auto`: Sepal's evaluator computes a model where it gives the bits of ONNX Runtime; `onnxruntime`: ONNX Runtime computes every model.",
  }),
  INFERENCE_THREADS: integer(0, 1024).optional().meta({
    description: "Threads of a process for large batches; 0 keeps them on the main thread.",
    default: "cores less one, shared by the processes, at least 1",
  }),
  INFERENCE_THREAD_HEAP_MB: integer(32, 65_536).default(512).meta({
    description:
      "Heap of one of these threads, in MiB; a batch that needs more is 503, and its thread is replaced.",
  }),
  BATCH_MAX_SIZE: integer(1, 65_536)
    .default(128)
    .meta({ description: "Most single predictions in one execution; 1 turns batching off." }),
  BATCH_MAX_DELAY_MS: integer(0, 1000).default(0).meta({
    description: "Longest wait for company, in milliseconds; a lone request never waits.",
  }),
  QUEUE_MAX_ROWS: integer(1, 1_000_000)
    .default(4096)
    .meta({ description: "Most single predictions waiting or running, per model." }),
  QUEUE_MAX_WAIT_MS: integer(1, 600_000).default(600_000).meta({
    description:
      "Longest estimated wait of a new prediction or batch on the main thread, in milliseconds; beyond, 503.",
  }),
  CACHE_SIZE: integer(0, 1_000_000).default(0).meta({
    description: "Answers of single predictions that each process keeps; 0 keeps none.",
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
