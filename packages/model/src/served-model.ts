import { textFeature, type Contract } from "@sepal/schema/define-contract";
import type { ModelRow, NumberRow } from "@sepal/schema/row-encoding";
import { DEFAULT_BATCH_SIZE } from "@sepal/schema/limits";
import { BatchLoad, type Call } from "./batching/backlog.ts";
import type { PredictionOf } from "@sepal/schema/predict";
import { predictionReader } from "@sepal/schema/prediction-reader";
import {
  DynamicBatcher,
  type BatchLimits,
  type TimedPrediction,
} from "./batching/dynamic-batcher.ts";
import { Explainer, type Explanation } from "./explain/explainer.ts";
import type { InferenceObserver, Lane } from "./session/inference-observer.ts";
import type { OpenedModel } from "./session/open-model.ts";
import type { InferenceSession } from "./session/inference-session.ts";
import type { GoldenRow, Manifest } from "./manifest.ts";
import type { ModelSource } from "./model-source.ts";
import type { SearchIndex } from "./search/search-index.ts";
import {
  runSource,
  type Chunk,
  type RowRunner,
  type RowSource,
  runRows,
} from "./batching/chunks.ts";

type BatchCall = Call & { readonly batchSize?: number | undefined };

interface ServedModelOptions {
  readonly contract: Contract;
  readonly source: ModelSource;
  readonly opened: OpenedModel;
  readonly limits: BatchLimits;
  readonly observer: InferenceObserver;
  /** Which way its batches go. */
  readonly lane: Lane;
}

/** One version of a model in the request path. */
export class ServedModel {
  readonly name: string;
  readonly version: string;
  readonly contract: Contract;
  readonly manifest: Manifest;
  /** A golden row that probes send. */
  readonly canary: GoldenRow;
  readonly source: ModelSource;
  /** What an embedding searches; absent where its version has no index, and in worker threads. */
  index: SearchIndex | undefined;
  readonly #session: InferenceSession;
  readonly #batcher: DynamicBatcher;
  readonly #runner: RowRunner;
  /** Absent for texts. */
  readonly #explainer: Explainer | undefined;
  /** Absent where batches do not share the thread with what it admits. */
  readonly #batchLoad: BatchLoad | undefined;
  #holds = 0;
  #releasing = false;
  #retired: PromiseWithResolvers<void> | undefined;

  constructor({ contract, source, opened, limits, observer, lane }: ServedModelOptions) {
    const { manifest, canary } = source;
    const { session, closedForm } = opened;
    this.source = source;
    this.name = manifest.model_name;
    this.version = manifest.version;
    this.contract = contract;
    this.manifest = manifest;
    this.canary = canary;
    this.#session = session;
    this.#runner = {
      session,
      model: this.name,
      version: this.version,
      width: contract.features.length,
      read: predictionReader(contract),
      observer,
      lane,
    };
    const onIdle = () => this.#releaseWhenIdle();
    this.#batcher = new DynamicBatcher({ ...this.#runner, ...limits, onIdle });
    this.#explainer =
      textFeature(contract) === undefined
        ? new Explainer(this.#runner, contract, closedForm)
        : undefined;
    this.#batchLoad = limits.backlog && new BatchLoad(limits.backlog);
  }

  /** Single rows waiting or running. */
  get queueRows(): number {
    return this.#batcher.queueRows;
  }

  /** Predicts one row, in company of whatever else arrives in this turn. */
  predict(features: ModelRow, call: Call = {}): Promise<TimedPrediction> {
    return this.#batcher.submit(features, call);
  }

  /** Predicts rows in order, `batchSize` rows per batch. */
  async predictRows(
    rows: readonly ModelRow[],
    { batchSize = DEFAULT_BATCH_SIZE, ...call }: BatchCall = {},
  ): Promise<PredictionOf<Contract>[]> {
    using _held = this.hold();
    return await runRows(this.#runner, rows, batchSize, call);
  }

  /** The tensors of each execution of a source's rows; fails with `unavailable` where they would wait too long for the first. */
  async *runBatch(
    source: RowSource,
    { batchSize = DEFAULT_BATCH_SIZE, ...call }: BatchCall = {},
  ): AsyncGenerator<Chunk, void, void> {
    using _held = this.hold();
    using load = this.#batchLoad?.take(source.count, call);
    for await (const chunk of runSource(this.#runner, source, batchSize, call)) {
      const given = performance.now();
      yield chunk;
      load?.ran(chunk.rows, chunk.ended - chunk.started + performance.now() - given);
    }
  }

  /** The same without that bound: each execution is run when it is asked for. */
  async *runSource(
    source: RowSource,
    { batchSize = DEFAULT_BATCH_SIZE, ...call }: BatchCall = {},
  ): AsyncGenerator<Chunk, void, void> {
    using _held = this.hold();
    yield* runSource(this.#runner, source, batchSize, call);
  }

  /** Splits one prediction of numbers among its features, against background rows `[n, features]`. */
  async explain(
    features: NumberRow,
    background: readonly NumberRow[],
    call: Call = {},
  ): Promise<Explanation> {
    if (this.#explainer === undefined) throw new TypeError("texts are not explained");
    using _held = this.hold();
    return await this.#explainer.explain(features, background, call);
  }

  /**
   * Keeps the version in memory until the hold is disposed, also when another one replaces it.
   *
   * Each call of the methods above holds it for itself; a caller that makes several for one response holds it in between.
   */
  hold(): Disposable {
    let held = true;
    this.#holds += 1;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#holds -= 1;
        this.#releaseWhenIdle();
      },
    };
  }

  /** Drains the version, which must not be handed out any more: resolves when its pending requests have completed and its memory is free. */
  retire(): Promise<void> {
    this.#retired ??= Promise.withResolvers();
    this.#releaseWhenIdle();
    return this.#retired.promise;
  }

  #releaseWhenIdle(): void {
    const busy = this.#holds > 0 || this.queueRows > 0;
    if (this.#retired === undefined || this.#releasing || busy) return;
    this.#releasing = true;
    this.#retired.resolve(this.#session.release());
  }
}
