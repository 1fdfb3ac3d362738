import { predictionReader } from "@sepal/schema/prediction-reader";
import { rowSource, type RowSource } from "@sepal/model/batching/chunks";
import type { Contract } from "@sepal/schema/define-contract";
import { DEFAULT_BATCH_SIZE } from "@sepal/schema/limits";
import type { ModelChoice, PredictBatchRequest, PredictionOf } from "@sepal/schema/predict";
import { rowEncoder } from "@sepal/schema/row-encoding";
import type { CallContext, PackedBatch } from "../context.ts";
import { noteServed, processingTime, selectModel } from "./operation.ts";

/** Most rows of one execution, however many an event holds: the event loop holds still for it. */
const MAX_EXECUTION_ROWS = 1000;

/** A batch whose rows may still be packed. */
export interface StreamRequest extends ModelChoice {
  readonly source: RowSource;
  readonly batch_size?: number | null | undefined;
}

/** The predictions of rows `[offset, offset + count)` of `total`. */
export interface BatchProgress<C extends Contract> {
  readonly offset: number;
  readonly count: number;
  readonly total: number;
  readonly predictions: PredictionOf<C>[];
}

/** The end of a stream, once all rows are predicted. */
export interface BatchEnd {
  readonly count: number;
  readonly model_used: string;
  readonly model_version: string;
  readonly processing_time_ms: number;
}

/** The predictions of a batch as they are computed: no chunk is run before it is asked for. */
export type BatchStream<C extends Contract> = AsyncGenerator<BatchProgress<C>, BatchEnd, unknown>;

/** The rows of a checked request as a stream takes them. */
export function streamRequest<C extends Contract>(
  contract: C,
  { rows, ...request }: PredictBatchRequest<C>,
): StreamRequest {
  const source = rowSource(rows, contract.features.length, rowEncoder(contract));
  return { ...request, source };
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

/** Predicts many feature vectors of a contract in chunks of `batch_size`; fails at once for a model that cannot serve. */
export function predictStream<C extends Contract>(
  contract: C,
  request: StreamRequest,
  context: CallContext,
): BatchStream<C> {
  selectModel(contract, request, context);
  return chunksOf(contract, request, context);
}

async function* chunksOf<C extends Contract>(
  contract: C,
  request: StreamRequest,
  context: CallContext,
): BatchStream<C> {
  // Again, and held until the end: another version may have come before the first chunk was asked for.
  const model = selectModel(contract, request, context);
  using _held = model.hold();
  const { name, version } = model;
  const { source } = request;
  const size = request.batch_size ?? DEFAULT_BATCH_SIZE;
  const read = predictionReader(contract);
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
        predictions.push(read(chunk, row));
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
