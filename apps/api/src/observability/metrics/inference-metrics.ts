import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import { SepalError } from "@sepal/schema/sepal-error";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import { Counter, Gauge, type Registry } from "prom-client";
import { DURATION_BUCKETS, HotCounter, HotHistogram, type HistogramChild } from "./hot-metrics.ts";
import type { InputDrift } from "./input-drift.ts";

/** Upper bounds of rows in one execution. */
export const ROWS_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16_384, 65_536];

/** Why work is rejected, by the label that counts it. */
export const REFUSALS = {
  overloaded: "singles would wait too long",
  queue_full: "too many rows, large batches or explanations wait",
  deadline: "the deadline comes before the turn would",
  answers_unread: "clients have too many bytes of large responses to read",
  worker_crashed: "the thread of the batch ended",
  bodies: "too many large bodies at once",
  files_full: "too many files are being scored",
  jobs_full: "too many jobs wait, or those that are kept fill their space",
  jobs_closed: "the folder of jobs cannot be opened",
  disk_full: "no room to spool a file",
  disk: "the disk of jobs is full or failed",
  database: "the database of jobs cannot be reached or failed",
} as const;

/** Counts a failure as a rejection where its reason is one of {@link REFUSALS}; returns the failure. */
export function counted<E>(error: E, observer: Pick<InferenceObserver, "rejected"> | undefined): E {
  if (error instanceof SepalError && error.reason !== undefined && error.reason in REFUSALS) {
    observer?.rejected(error.reason);
  }
  return error;
}

/** Declares the metrics of inference and returns the observer that feeds them. */
export function inferenceMetrics(register: Registry, drift: InputDrift): InferenceObserver {
  const registers = [register];
  const queueDuration = new HotHistogram({
    name: "inference_queue_duration_seconds",
    help: "Wait of a single row before its run began, or of a large batch before a thread took it",
    labelNames: ["model", "lane"],
    buckets: DURATION_BUCKETS,
    register,
  });
  const computeDuration = new HotHistogram({
    name: "inference_compute_duration_seconds",
    help: "Duration of one execution of a model",
    labelNames: ["model"],
    buckets: DURATION_BUCKETS,
    register,
  });
  const batchRows = new HotHistogram({
    name: "inference_batch_rows",
    help: "Rows in one execution of a model",
    labelNames: ["model"],
    buckets: ROWS_BUCKETS,
    register,
  });
  const rowsTotal = new HotCounter({
    name: "inference_rows_total",
    help: "Rows answered",
    labelNames: ["model", "version", "lane"],
    register,
  });
  const executionsTotal = new HotCounter({
    name: "inference_executions_total",
    help: "Executions of a model",
    labelNames: ["model", "version", "lane"],
    register,
  });
  const rejectionsTotal = new Counter({
    name: "inference_rejections_total",
    help: "Work refused before it ran",
    labelNames: ["reason"],
    registers,
  });
  // From nothing on: a rate would not see the first of a series that begins with it.
  for (const reason of Object.keys(REFUSALS)) rejectionsTotal.inc({ reason }, 0);
  const loadsTotal = new Counter({
    name: "model_loads_total",
    help: "Loads of a model version into the request path",
    labelNames: ["model", "version"],
    registers,
  });
  // Called once a row: found without making a key.
  const singles = new Map<string, HistogramChild>();
  return {
    modelLoaded: (model, version) => loadsTotal.inc({ model, version }),
    queued(model, seconds, lane) {
      if (lane !== undefined) return queueDuration.labels(model, lane).observe(seconds);
      let single = singles.get(model);
      if (single === undefined)
        singles.set(model, (single = queueDuration.labels(model, "single")));
      return single.observe(seconds);
    },
    executed(execution) {
      const { model, version, lane, rows, computeSeconds } = execution;
      drift.executed(execution);
      computeDuration.labels(model).observe(computeSeconds);
      batchRows.labels(model).observe(rows);
      rowsTotal.labels(model, version, lane).inc(rows);
      executionsTotal.labels(model, version, lane).inc();
    },
    rejected: (reason) => rejectionsTotal.inc({ reason }),
  };
}

/** Declares the gauge of what the worker threads have to do. */
export function largeBatchGauge(register: Registry, workers: { readonly batches: number }): void {
  new Gauge({
    name: "inference_large_batches",
    help: "Large batches waiting for a worker thread or computed by one",
    registers: [register],
    collect() {
      this.set(workers.batches);
    },
  });
}

/** Declares the gauges that are read off the model registry at each scrape. */
export function modelGauges(
  register: Registry,
  models: Pick<ModelRegistry, "models" | "contracts">,
): void {
  const registers = [register];
  const entries = () =>
    models
      .models()
      .flatMap((model) => [...model.versions.values()].map((entry) => ({ model, entry })));
  new Gauge({
    name: "model_ready",
    help: "1 while the model version answers predictions, else 0",
    labelNames: ["model", "version"],
    aggregator: "min",
    registers,
    collect() {
      this.reset();
      for (const { model, entry } of entries()) {
        const ready = entry.state === "ready" ? 1 : 0;
        this.set({ model: model.name, version: entry.version }, ready);
      }
    },
  });
  new Gauge({
    name: "contract_ready",
    help: "1 while the contract is served as its file has it, 0 while the file is rejected",
    labelNames: ["contract"],
    aggregator: "min",
    registers,
    collect() {
      this.reset();
      for (const { name } of models.contracts.all()) this.set({ contract: name }, 1);
      for (const name of models.contracts.faults.keys()) this.set({ contract: name }, 0);
    },
  });
  new Gauge({
    name: "model_info",
    help: "What the model version is; always 1",
    labelNames: ["model", "version", "contract", "checksum", "engine", "engine_reason"],
    aggregator: "max",
    registers,
    collect() {
      this.reset();
      for (const { model, entry } of entries()) {
        if (entry.served === undefined) continue;
        const { manifest, engine } = entry.served.source;
        this.set(
          {
            model: model.name,
            version: entry.version,
            contract: manifest.contract,
            checksum: manifest.files["model.onnx"].sha256,
            engine: engine.name,
            engine_reason: engine.reason,
          },
          1,
        );
      }
    },
  });
  new Gauge({
    name: "inference_queue_rows",
    help: "Single rows waiting or running",
    labelNames: ["model"],
    registers,
    collect() {
      this.reset();
      for (const { model, entry } of entries()) {
        if (entry.served !== undefined) this.inc({ model: model.name }, entry.served.queueRows);
      }
    },
  });
}
