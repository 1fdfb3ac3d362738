import { decodeRow } from "@sepal/model/session/decode";
import { rowSource, type RowSource } from "@sepal/model/batching/chunks";
import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import { DEFAULT_BATCH_SIZE } from "@sepal/schema/limits";
import type { ModelChoice, PredictBatchRequest } from "@sepal/schema/predict";
import type { CallContext, PackedBatch } from "../context.ts";
import { labelled } from "./labelled.ts";
import { processingTime } from "./operation.ts";
import { noteServed } from "../observability/served.ts";
import { selectModel } from "./select-model.ts";

/** Most rows of one execution, however many an event holds: the event loop holds still for it. */
const MAX_EXECUTION_ROWS = 1000;

/** A batch whose rows may still be packed. */
export interface StreamRequest extends ModelChoice {
  readonly source: RowSource;
  readonly batch_size?: number | null | undefined;
}

/** The answers of rows `[offset, offset + count)` of `total`. */
export interface BatchProgress<C extends readonly string[]> {
  readonly offset: number;
  readonly count: number;
  readonly total: number;
  readonly predictions: ReturnType<typeof labelled<C>>[];
}

/** What is said once all rows are answered. */
export interface BatchEnd {
  readonly count: number;
  readonly model_used: string;
  readonly model_version: string;
  readonly processing_time_ms: number;
}

/** The answers of a batch as they are computed: no chunk is run before it is asked for. */
export type BatchStream<C extends readonly string[]> = AsyncGenerator<
  BatchProgress<C>,
  BatchEnd,
  unknown
>;

/** The rows of a checked request as a stream takes them. */
export function streamRequest<F extends readonly FeatureSpec[]>(
  { features }: Contract<F>,
  { rows, ...request }: PredictBatchRequest<F>,
): StreamRequest {
  return { ...request, source: rowSource(rows, features.length) };
}

/** A request that was checked and packed elsewhere, as a stream takes it. */
export function packedRequest(
  { features }: Contract,
  { rows, model_name, model_version, batch_size }: PackedBatch,
): StreamRequest {
  const width = features.length;
  const source: RowSource = {
    count: rows.length / width,
    // A copy: the run may change or keep what it is given.
    collate: (start, end) => rows.slice(start * width, end * width),
  };
  return { source, model_name, model_version, batch_size };
}

/** Answers many feature vectors of a contract in chunks of `batch_size`; fails at once for a model that cannot answer. */
export function predictStream<const C extends readonly string[]>(
  contract: Contract<readonly FeatureSpec[], C>,
  request: StreamRequest,
  context: CallContext,
): BatchStream<C> {
  selectModel(contract, request, context);
  return answers(contract, request, context);
}

async function* answers<const C extends readonly string[]>(
  contract: Contract<readonly FeatureSpec[], C>,
  request: StreamRequest,
  context: CallContext,
): BatchStream<C> {
  // Again, and held until the end: another version may have come before the first chunk was asked for.
  const model = selectModel(contract, request, context);
  using _held = model.hold();
  const { name, version } = model;
  const { source } = request;
  const size = request.batch_size ?? DEFAULT_BATCH_SIZE;
  const { cancelled, deadline } = context;
  const { count: total } = source;
  const batchSize = Math.min(size, MAX_EXECUTION_ROWS);
  for (let offset = 0; offset < total; offset += size) {
    const count = Math.min(size, total - offset);
    const part: RowSource = {
      count,
      collate: (start, end) => source.collate(offset + start, offset + end),
    };
    const predictions: BatchProgress<C>["predictions"] = [];
    for await (const chunk of model.runSource(part, { batchSize, cancelled, deadline })) {
      for (let row = 0; row < chunk.rows; row += 1) {
        predictions.push(labelled(contract, decodeRow(chunk, row, contract.classes.length)));
      }
    }
    noteServed(context, { model: name, version, rows: count });
    yield { offset, count, total, predictions };
  }
  return {
    count: total,
    model_used: name,
    model_version: version,
    processing_time_ms: processingTime(context),
  };
}
