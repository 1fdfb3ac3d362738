import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import { Backlog, abandoned, type Call, BacklogShare } from "./backlog.ts";
import type { Contract } from "@sepal/schema/define-contract";
import type { PredictionOf } from "@sepal/schema/predict";
import type { PredictionReader } from "@sepal/schema/prediction-reader";
import type { ModelRow } from "@sepal/schema/row-encoding";
import { sampleOf, type InferenceObserver } from "../session/inference-observer.ts";
import type { InferenceSession, TimedResult } from "../session/inference-session.ts";
import { modelInput } from "../session/model-input.ts";

/** Bounds of the dynamic batcher. */
export interface BatchLimits {
  /** Most rows in one run; 1 turns batching off. */
  readonly maxBatchSize: number;
  /** Longest time a row waits for company, in milliseconds; a lone row never waits. */
  readonly maxDelayMs: number;
  /** Most rows waiting or running; what comes beyond is refused. */
  readonly maxQueueRows: number;
  /** What all models of the thread have waiting; absent, a model is bounded in rows alone. */
  readonly backlog?: Backlog;
}

/** A prediction with how long it waited and was computed, in milliseconds. */
export interface TimedPrediction {
  readonly prediction: PredictionOf<Contract>;
  /** When its run began, on the clock of `performance.now()`. */
  startedAt: number;
  queueMs: number;
  computeMs: number;
}

interface Waiting {
  readonly features: ModelRow;
  readonly call: Call;
  readonly since: number;
  resolve(prediction: TimedPrediction): void;
  reject(error: unknown): void;
}

interface BatcherOptions extends BatchLimits {
  readonly session: InferenceSession;
  readonly model: string;
  readonly version: string;
  /** Features a row. */
  readonly width: number;
  readonly read: PredictionReader<Contract>;
  readonly observer: InferenceObserver;
  /** Called when no row waits or runs any more. */
  readonly onIdle?: () => void;
}

/** Runs single rows that arrive in the same turn of the event loop as one tensor. */
export class DynamicBatcher {
  readonly #options: BatcherOptions;
  #waiting: Waiting[] = [];
  #running = 0;
  readonly #backlog: Backlog;
  readonly #share: BacklogShare;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#backlog = options.backlog ?? new Backlog({ maxWaitMs: Infinity });
    this.#share = new BacklogShare(this.#backlog);
  }

  /** Rows waiting or running. */
  get queueRows(): number {
    return this.#waiting.length + this.#running;
  }

  /** Predicts one row; fails with `unavailable` when the queue is full or the wait too long, with `deadline_exceeded` when the deadline passes first. */
  submit(features: ModelRow, call: Call): Promise<TimedPrediction> {
    // The server's own checks are few and must not fail where the bound is small.
    const refusal = call.probe === true ? undefined : this.#refusal(call);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ features, call, since: performance.now(), resolve, reject });
      this.#share.join();
      this.#schedule();
    });
  }

  #refusal(call: Call): SepalError | undefined {
    const { maxQueueRows, observer, model } = this.#options;
    if (this.queueRows >= maxQueueRows) {
      observer.rejected("queue_full");
      const retryS = Math.max(1, Math.ceil((this.queueRows * this.#share.rowMs) / 1000));
      return unavailable(`the queue of ${model} is full`, { reason: "queue_full", retryS });
    }
    if (this.#backlog.full) return this.#backlog.refuse();
    return call.deadline === undefined ? undefined : this.#backlog.unmeetable(call.deadline);
  }

  #schedule(): void {
    const { length } = this.#waiting;
    if (this.#immediate !== undefined || length === 0) return;
    if (this.#timer !== undefined && length < this.#options.maxBatchSize) return;
    // The check phase comes when every socket that was readable in this turn has been read.
    this.#immediate = setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
    const wait = this.#waitForCompany();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#flush(), wait);
      return;
    }
    const batch = this.#take();
    if (batch.length > 0) void this.#run(batch);
    else {
      this.#share.settle(this.queueRows);
      if (this.queueRows === 0) this.#options.onIdle?.();
    }
    this.#schedule();
  }

  /** Milliseconds until the waiting rows have to run; 0 for a lone row, a full batch, or no delay. */
  #waitForCompany(): number {
    const { maxBatchSize, maxDelayMs } = this.#options;
    const [oldest] = this.#waiting;
    const { length } = this.#waiting;
    if (maxDelayMs === 0 || oldest === undefined || length === 1 || length >= maxBatchSize)
      return 0;
    return Math.max(0, Math.ceil(oldest.since + maxDelayMs - performance.now()));
  }

  /** The next rows whose clients still wait, at most a batch; rejects the others. */
  #take(): Waiting[] {
    const { maxBatchSize } = this.#options;
    const now = performance.now();
    const batch: Waiting[] = [];
    let seen = 0;
    for (const row of this.#waiting) {
      if (batch.length === maxBatchSize) break;
      seen += 1;
      const reason = abandoned(row.call, now);
      if (reason === undefined) batch.push(row);
      else row.reject(reason);
    }
    this.#waiting = this.#waiting.slice(seen);
    return batch;
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    const { session, width, observer, model, version } = this.#options;
    const input = modelInput(
      batch.map(({ features }) => features),
      width,
    );
    this.#running += batch.length;
    try {
      const result = await session.run(input, width);
      const rows = batch.reduce((count, { call }) => (call.probe === true ? count : count + 1), 0);
      const computeSeconds = (result.ended - result.started) / 1000;
      this.#learn(batch, result);
      if (rows > 0) {
        const sample = sampleOf(input, width);
        observer.executed({ model, version, lane: "single", rows, computeSeconds, sample });
      }
      this.#resolve(batch, result);
    } catch (cause) {
      const error =
        cause instanceof SepalError
          ? cause
          : new SepalError("internal", "the model failed to run", { cause });
      for (const row of batch) row.reject(error);
    } finally {
      this.#running -= batch.length;
      this.#share.settle(this.queueRows);
      if (this.queueRows === 0) this.#options.onIdle?.();
    }
  }

  #learn(batch: readonly Waiting[], { started, ended }: TimedResult): void {
    const arrivalsMs = (batch.at(-1)?.since ?? 0) - (batch[0]?.since ?? 0);
    // With a delay, what lies between arrivals is waiting that was asked for.
    this.#share.learn(batch.length, this.#options.maxDelayMs > 0 ? 0 : arrivalsMs, ended - started);
  }

  #resolve(batch: readonly Waiting[], result: TimedResult): void {
    const { read, observer, model } = this.#options;
    const { started: startedAt, ended } = result;
    const computeMs = ended - startedAt;
    batch.forEach((row, index) => {
      const queueMs = startedAt - row.since;
      if (row.call.probe !== true) observer.queued(model, queueMs / 1000);
      try {
        row.resolve({ prediction: read(result, index), startedAt, queueMs, computeMs });
      } catch (error) {
        // One row without a prediction leaves its neighbours theirs.
        row.reject(error);
      }
    });
  }
}
