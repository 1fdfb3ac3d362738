import { abandoned, type Call } from "@sepal/model/batching/backlog";
import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import { registryImage } from "@sepal/model/repository/model-mirror";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import { blockScorer, type BlockScorer } from "@sepal/model/scoring/score-block";
import type { ServedModel } from "@sepal/model/served-model";
import { WorkerPool, type PoolJob } from "@sepal/model/workers/worker-pool";
import { unavailable } from "@sepal/schema/unavailable";
import type { Readable } from "node:stream";
import type { Logger } from "pino";
import type { Exchange } from "../http/exchange.ts";
import { pacedStream } from "../http/response-streams.ts";
import { counted } from "../observability/metrics/inference-metrics.ts";
import type { CallContext, PackedBatch } from "../context.ts";
import type { Settings } from "../settings/settings.ts";
import type { InferResponse } from "../operations/infer/infer-response.ts";
import { observeRuns } from "./executions.ts";
import { ownBytes } from "../http/transferable-memory.ts";
import {
  isRead,
  type BatchResult,
  type BatchJob,
  type BatchRoute,
  type BatchWorkerData,
  type BlockJobResult,
  type BlockJob,
  type InferWork,
  type ReadResult,
  type ReadJob,
} from "./worker-jobs.ts";

/** Bodies from this size on go to a worker thread, about 700 iris rows: below it, the hop costs more than the run. */
export const LARGE_BODY_BYTES = 16_384;

/** Most bytes of bodies that wait for a thread or are computed. */
const MAX_WAITING_BYTES = 128 * 2 ** 20;

/** Most bytes of responses that clients have not read yet; a response is three times its request. */
const MAX_UNREAD_BYTES = 384 * 2 ** 20;

const responsesUnread = () =>
  unavailable("too many responses are waiting to be read", { reason: "answers_unread" });

type WorkerJob = BatchJob | BlockJob | ReadJob;

type WorkerResult = BatchResult | BlockJobResult | ReadResult;

/** A job with the body that moves to the thread. */
function withBody(job: BatchJob | ReadJob) {
  return { job, transfer: [job.body.buffer], bytes: job.body.byteLength };
}

interface BatchWorkersOptions {
  readonly settings: Settings;
  readonly registry: ModelRegistry;
  readonly observer: InferenceObserver;
  readonly logger: Logger;
}

/** Takes large batches off the main thread, as bytes in both directions. */
export class BatchWorkers {
  readonly #pool: WorkerPool<WorkerJob, WorkerResult>;
  readonly #observer: InferenceObserver;
  #unreadBytes = 0;

  constructor({ settings, registry, observer, logger }: BatchWorkersOptions) {
    this.#observer = observer;
    const workerData = (): BatchWorkerData => ({ settings, image: registryImage(registry) });
    this.#pool = new WorkerPool({
      script: new URL("batch-worker.ts", import.meta.url),
      size: settings.INFERENCE_THREADS,
      resourceLimits: { maxOldGenerationSizeMb: settings.INFERENCE_THREAD_HEAP_MB },
      workerData,
      maxBytes: MAX_WAITING_BYTES,
      onCrash: (err) => logger.error({ err }, "inference thread"),
    });
    registry.onChange(() => {
      if (this.#pool.threads > 0) this.#pool.tell({ image: registryImage(registry) });
    });
  }

  /** Batches waiting for a thread or computed by one. */
  get batches(): number {
    return this.#pool.jobs;
  }

  /** Whether a request's body is for the threads. */
  takes({ body }: Exchange): boolean {
    return body !== undefined && body.length >= LARGE_BODY_BYTES;
  }

  /** The response to a batch; fails as the operation does, or with `unavailable` when a thread crashed or too much waits. */
  async respond(
    exchange: Exchange,
    { contract, lenient = false, envelope = ["", ""], inputKey }: BatchRoute,
  ): Promise<Readable> {
    const work = { kind: "predictBatch" as const, contract, lenient, envelope, inputKey };
    const { parts } = await this.#compute(exchange, work);
    const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
    exchange
      .header("content-type", "application/json; charset=utf-8")
      .header("content-length", length);
    return pacedStream(parts);
  }

  /** Computes an inference request; fails as `respond` does. */
  infer(exchange: Exchange, target: Omit<InferWork, "kind">): Promise<InferResponse> {
    return this.#compute(exchange, { kind: "infer", ...target });
  }

  async #compute(exchange: Exchange, work: BatchJob["work"]): Promise<BatchResult> {
    const { call, response, body = Buffer.alloc(0) } = exchange;
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const onClose = () => Atomics.store(cancelled, 0, 1);
    response.once("close", onClose);
    const epoch = performance.timeOrigin;
    const job: BatchJob = {
      work,
      body: ownBytes(body),
      requestId: call.requestId,
      arrivedAt: epoch + call.arrived,
      queuedAt: epoch + performance.now(),
      deadlineAt: call.deadline === undefined ? undefined : epoch + call.deadline,
      cancelled,
    };
    const result = await this.#run(job, call);
    response.off("close", onClose);
    const queuedAt = job.queuedAt - epoch;
    const { model, version, queueMs = 0 } = result.served;
    call.served = { ...result.served, queuedAt, startedAt: result.startedAt - epoch };
    this.#observer.queued(model, queueMs / 1000, "worker");
    observeRuns(this.#observer, model, version, result);
    const length = result.parts.reduce((sum, part) => sum + part.byteLength, 0);
    this.#unreadBytes += length;
    response.once("close", () => {
      this.#unreadBytes -= length;
      // Freed by hand: left to the collector, ten megabytes a batch make it hold the event loop twice as long.
      for (const { buffer } of result.parts) buffer.transfer(0);
    });
    return result;
  }

  /** Scores blocks of files on the threads, or only checks them; who asks for it holds the model meanwhile. */
  scorer(model: ServedModel, { checkOnly = false } = {}): BlockScorer {
    const { name, version, contract, source } = model;
    let here: BlockScorer | undefined;
    return async (task, call) => {
      const outcome = await this.#counting(call, {
        job: { contract: contract.name, model: name, version, source: source.id, task, checkOnly },
        transfer: [task.block.bytes.buffer, task.block.bounds.buffer],
        // How many there are is limited by the files they belong to, and a file once begun is not refused.
        bytes: 0,
      });
      // The threads have the model no more; this one keeps it as long as it is held.
      if ("returned" in outcome) return (here ??= blockScorer(model))(outcome.returned, call);
      if (!("result" in outcome)) throw new Error("the thread returned the result of another job");
      observeRuns(this.#observer, name, version, outcome);
      return outcome.result;
    };
  }

  /** Has a thread read a batch whose rows the main thread runs; fails as the operation does on a bad one. */
  async readRows(
    call: CallContext,
    body: Buffer,
    { contract, lenient = false, inputKey }: BatchRoute,
  ): Promise<PackedBatch> {
    const job = { kind: "readRows" as const, contract, lenient, inputKey, body: ownBytes(body) };
    const result = await this.#counting(call, withBody(job));
    if (isRead(result) && result.kind === "readRows") return result;
    throw new Error("the thread returned the result of another job");
  }

  /** Fails with `malformed_body` or `too_large` where parsing a body on the main thread would hold the event loop. */
  async weigh(call: CallContext, body: Buffer): Promise<void> {
    await this.#counting(call, withBody({ kind: "weigh", body: ownBytes(body) }));
  }

  async #run(job: BatchJob, call: CallContext): Promise<BatchResult> {
    if (this.#unreadBytes > MAX_UNREAD_BYTES) {
      throw counted(responsesUnread(), this.#observer);
    }
    const result = await this.#counting(call, withBody(job));
    if ("parts" in result) return result;
    throw new Error("the thread returned the result of another job");
  }

  /** Gives a job to a thread, and counts the refusal of one that is not taken or not done. */
  async #counting(call: Call, job: Omit<PoolJob<WorkerJob>, "abandoned">): Promise<WorkerResult> {
    try {
      return await this.#pool.run({ ...job, abandoned: () => abandoned(call, performance.now()) });
    } catch (error) {
      throw counted(error, this.#observer);
    }
  }

  /** Ends the threads. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}
