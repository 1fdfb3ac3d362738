import type { Contract } from "@sepal/schema/define-contract";
import { DEFAULT_BATCH_SIZE } from "@sepal/schema/limits";
import type { Call } from "./call.ts";
import type { Prediction } from "./decode.ts";
import { DynamicBatcher, type BatchLimits, type TimedPrediction } from "./dynamic-batcher.ts";
import { Explainer } from "./explain/explainer.ts";
import type { TimedExplanation } from "./explain/explain-row.ts";
import type { InferenceObserver, Lane } from "./inference-observer.ts";
import type { InferenceSession } from "./inference-session.ts";
import type { GoldenRow, Manifest } from "./manifest.ts";
import { runChunks, type Chunk, type RowRunner } from "./run-chunks.ts";
import { runRows } from "./run-rows.ts";

type BatchCall = Call & { readonly batchSize?: number | undefined };

interface ServedModelOptions {
  readonly contract: Contract;
  readonly manifest: Manifest;
  /** A golden row that probes send. */
  readonly canary: GoldenRow;
  readonly session: InferenceSession;
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
  readonly canary: GoldenRow;
  readonly #session: InferenceSession;
  readonly #batcher: DynamicBatcher;
  readonly #runner: RowRunner;
  readonly #explainer: Explainer;

  constructor({ contract, manifest, canary, session, limits, observer, lane }: ServedModelOptions) {
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
      classes: contract.classes.length,
      observer,
      lane,
    };
    this.#batcher = new DynamicBatcher({ ...this.#runner, ...limits });
    this.#explainer = new Explainer(this.#runner);
  }

  /** Single rows waiting or running. */
  get queueRows(): number {
    return this.#batcher.queueRows;
  }

  /** Answers one feature vector, in company of whatever else arrives in this turn. */
  predict(features: readonly number[], call: Call = {}): Promise<TimedPrediction> {
    return this.#batcher.submit(features, call);
  }

  /** Answers rows in their order, `batchSize` rows an execution. */
  predictRows(
    rows: readonly (readonly number[])[],
    { batchSize = DEFAULT_BATCH_SIZE, ...call }: BatchCall = {},
  ): Promise<Prediction[]> {
    return runRows(this.#runner, rows, batchSize, call);
  }

  /** The same, as the tensors of each execution. */
  runChunks(
    rows: readonly (readonly number[])[],
    { batchSize = DEFAULT_BATCH_SIZE, ...call }: BatchCall = {},
  ): AsyncGenerator<Chunk, void, void> {
    return runChunks(this.#runner, rows, batchSize, call);
  }

  /** Splits one answer among its features, against background rows `[n, features]`. */
  explain(
    features: readonly number[],
    background: readonly (readonly number[])[],
    call: Call = {},
  ): Promise<TimedExplanation> {
    return this.#explainer.explain(features, background, call);
  }

  /** Frees the model; nothing may be running. */
  release(): Promise<void> {
    return this.#session.release();
  }
}
