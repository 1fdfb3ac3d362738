import { rowSource } from "@sepal/model/batching/chunks";
import { abandoned } from "@sepal/model/batching/backlog";
import type { Execution } from "@sepal/model/session/inference-observer";
import type { RequestLimits } from "@sepal/schema/limits";
import { SepalError } from "@sepal/schema/sepal-error";
import { parseJsonBytes } from "../http/json.ts";
import { parseInput, processingTime, noteServed, selectModel } from "../operations/operation.ts";
import type { CallContext } from "../context.ts";
import type { Services } from "../context.ts";
import { createInfer, type Infer } from "../operations/infer/infer.ts";
import type { BatchResult, BatchJob, PredictBatchWork } from "./worker-jobs.ts";
import { batchTools } from "./batch-tools.ts";
import { packRuns } from "./executions.ts";
import { ownBytes } from "../http/transferable-memory.ts";

/** Least length of a part of the response: executions of one row are written together. */
const PART_CHARACTERS = 32_768;

function contextOf(job: BatchJob, services: Services): CallContext {
  const { deadlineAt, cancelled, requestId } = job;
  return {
    services,
    requestId,
    arrived: job.arrivedAt - performance.timeOrigin,
    deadline: deadlineAt === undefined ? undefined : deadlineAt - performance.timeOrigin,
    cancelled: () => Atomics.load(cancelled, 0) !== 0,
    caller: undefined,
    served: undefined,
  };
}

let infer: Infer | undefined;

/** A batch from bytes to bytes: the same schemas, model and text as on the main thread, without an object a row. */
export async function runBatchJob(
  job: BatchJob,
  services: Services,
  executions: Execution[],
): Promise<BatchResult> {
  const context = contextOf(job, services);
  const started = performance.now();
  const reason = abandoned(context, started);
  if (reason !== undefined) throw reason;
  const { work } = job;
  const limits = { maxBatchRows: services.settings.MAX_BATCH_ROWS };
  const { parts, headerLength } =
    work.kind === "infer"
      ? await (infer ??= createInfer(limits))(
          { ...work, body: Buffer.from(job.body.buffer) },
          context,
        )
      : { parts: await predictBatch(work, job.body, context, limits), headerLength: undefined };
  const { served } = context;
  if (served === undefined) throw new SepalError("internal", "the batch was not run");
  const queueMs = started - (job.queuedAt - performance.timeOrigin);
  const computeMs = executions.reduce((sum, { computeSeconds }) => sum + computeSeconds * 1000, 0);
  return {
    parts,
    headerLength,
    served: { ...served, queueMs, computeMs },
    startedAt: performance.timeOrigin + (served.startedAt ?? started),
    ...packRuns(executions),
  };
}

async function predictBatch(
  work: PredictBatchWork,
  { buffer }: BatchJob["body"],
  context: CallContext,
  limits: RequestLimits,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const { contract, strict, lenient, encode, encoder } = batchTools(
    work.contract,
    context.services.registry,
    limits,
  );
  const body = parseJsonBytes(Buffer.from(buffer));
  // The text is all that is needed now.
  buffer.transfer(0);
  const input = parseInput(work.lenient ? lenient : strict, inputOf(body, work.inputKey));
  const model = selectModel(contract, input, context);
  const [before, after] = work.envelope;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let pending = `${before}{"predictions":[`;
  let count = 0;
  let startedAt: number | undefined;
  const source = rowSource(input.rows, contract.features.length, encode);
  const batchSize = input.batch_size ?? undefined;
  for await (const chunk of model.runBatch(source, { ...context, batchSize })) {
    startedAt ??= chunk.started;
    pending += (count === 0 ? "" : ",") + encoder.encode(chunk, chunk.rows);
    count += chunk.rows;
    if (pending.length >= PART_CHARACTERS) {
      parts.push(text(pending));
      pending = "";
    }
  }
  const end = {
    count,
    model_used: model.name,
    model_version: model.version,
    processing_time_ms: processingTime(context),
  };
  parts.push(text(`${pending}],${JSON.stringify(end).slice(1)}${after}`));
  noteServed(context, { model: model.name, version: model.version, rows: count, startedAt });
  return parts;
}

/** The call's input: the body, or what stands under a key of it, as in tRPC's batches. */
export function inputOf(body: unknown, key: string | undefined): unknown {
  if (key === undefined) return body;
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    const message = '"input" needs to be an object when doing a batch call';
    throw new SepalError("malformed_request", message);
  }
  return Object.entries(body).find(([name]) => name === key)?.[1];
}

function text(value: string): Uint8Array<ArrayBuffer> {
  return ownBytes(Buffer.from(value));
}
