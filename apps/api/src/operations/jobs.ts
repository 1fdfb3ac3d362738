import {
  job,
  jobRef,
  jobCreated,
  jobRequest,
  type Job,
  type JobRef,
  type JobCreated,
  type JobRequest,
  type JobWatch,
} from "@sepal/schema/job";
import { SepalError } from "@sepal/schema/sepal-error";
import { createHash } from "node:crypto";
import type { FileFormat } from "@sepal/schema/files/file-format";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelChoice } from "@sepal/schema/predict";
import type { Charset } from "@sepal/schema/predict-file";
import { abandoned } from "@sepal/model/batching/backlog";
import { setTimeout as sleep } from "node:timers/promises";
import { unavailable } from "@sepal/schema/unavailable";
import type { JobService } from "../jobs/job-service.ts";
import { OtherOrderError, type JobRecord, type JobResult } from "../jobs/job-store.ts";
import { invalidField, noteServed, selectModel, type Operation } from "./operation.ts";
import type { CallContext } from "../context.ts";

/** Where this process takes jobs; fails in a thread that takes none. */
function jobService({ services }: CallContext): JobService {
  if (services.jobs === undefined) throw new SepalError("internal", "jobs are not taken here");
  return services.jobs;
}

/** Whose jobs a call sees: its own, and where callers need no credential, all. */
function clientOf({ caller }: CallContext): string {
  return caller ?? "";
}

function noJob(id: string): SepalError {
  return new SepalError("not_found", `there is no job "${id}"`);
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** A job as the API shows it. */
function toJob(record: JobRecord): Job {
  return {
    job_id: record.id,
    status: record.status,
    rows_done: record.rowsDone,
    rows_bad: record.rowsBad,
    rows_total: record.rowsTotal,
    created_at: new Date(record.createdAt).toISOString(),
    started_at: iso(record.startedAt),
    finished_at: iso(record.finishedAt),
    error: record.error,
  };
}

/** The record of one job; fails with `not_found`. */
async function findJob(id: string, context: CallContext): Promise<JobRecord> {
  const record = await jobService(context).get(id, clientOf(context));
  if (record === undefined) throw noJob(id);
  return record;
}

/** How far one job is. */
export const getJob = {
  input: jobRef,
  output: job,
  run: async ({ job_id }: JobRef, context: CallContext) => toJob(await findJob(job_id, context)),
} satisfies Operation<JobRef, Job>;

/** Cancels one job; of one that has ended nothing changes. */
export const cancelJob = {
  input: jobRef,
  output: job,
  async run({ job_id }: JobRef, context: CallContext) {
    const record = await jobService(context).cancel(job_id, clientOf(context));
    if (record === undefined) throw noJob(job_id);
    return toJob(record);
  },
} satisfies Operation<JobRef, Job>;

/** The result of one job with the job itself; fails with `conflict` unless it succeeded. */
export async function jobResult(
  { job_id }: JobRef,
  context: CallContext,
): Promise<JobResult & { readonly record: JobRecord }> {
  const record = await findJob(job_id, context);
  const { status, id, error } = record;
  if (status === "succeeded") return { ...(await jobService(context).result(id)), record };
  const waits = status === "queued" || status === "running";
  const why = error === null ? "" : `: ${error}`;
  throw new SepalError("conflict", `the job is ${status} and has no result${why}`, {
    headers: waits ? { "retry-after": "1" } : {},
  });
}

/** What a client asks for besides the file itself. */
interface JobOptions extends ModelChoice {
  readonly format: FileFormat;
  readonly charset?: Charset;
  readonly strict?: boolean | null | undefined;
  readonly spreadsheet?: boolean | null | undefined;
  readonly idempotency_key?: string | undefined;
}

/** Fails with `invalid_input` where JSON lines are to be safe for spreadsheets, which do not read them. */
export function assertSpreadsheet(
  format: FileFormat,
  spreadsheet: boolean,
  place: "query" | "body" = "query",
): void {
  if (format === "csv" || !spreadsheet) return;
  throw invalidField([place, "spreadsheet"], "spreadsheet applies to CSV files", "true");
}

/** A file to be stored. */
interface JobSource {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Its length, or a little more; absent where it is not known. */
  readonly declared: number | undefined;
}

/** Identifies an order: the file and all that is done with it, as the client asked for it. */
function fingerprint(contract: Contract, sha256: string, options: JobOptions): string {
  const { format, charset = "utf-8", strict, spreadsheet } = options;
  const model = [options.model_name ?? null, options.model_version ?? null];
  const order = [sha256, contract.name, format, ...model, strict ?? false];
  // An order without these is the one that it was before there were any.
  if (charset !== "utf-8" || spreadsheet === true) order.push(charset, spreadsheet ?? false);
  return createHash("sha256").update(JSON.stringify(order)).digest("hex");
}

/**
 * Stores a file and queues the job that scores it with the model that is asked for now.
 *
 * Fails as the model's choice does, with `too_large`, with `invalid_input` when the idempotency key is another
 * order's, and with `unavailable` when too many jobs wait or the disk is full.
 */
export async function submitJob(
  contract: Contract,
  options: JobOptions,
  { bytes, declared }: JobSource,
  keyPlace: readonly string[],
  context: CallContext,
): Promise<JobCreated> {
  const place = keyPlace[0] === "header" ? "query" : "body";
  assertSpreadsheet(options.format, options.spreadsheet === true, place);
  const { name: model, version } = selectModel(contract, options, context);
  const service = jobService(context);
  const input = await service.receive(bytes, declared);
  const reason = abandoned(context, performance.now());
  if (reason !== undefined) {
    await service.discard(input);
    throw reason;
  }
  const { format, charset = "utf-8", idempotency_key: key } = options;
  const idempotency = key && { key, fingerprint: fingerprint(contract, input.sha256, options) };
  const order = {
    client: clientOf(context),
    format,
    charset,
    spreadsheet: options.spreadsheet ?? false,
    contract: contract.name,
    model,
    version,
    strict: options.strict ?? false,
    idempotency: idempotency || undefined,
  };
  const job = await service.create(input, order).catch((error: unknown) => {
    if (!(error instanceof OtherOrderError)) throw error;
    const msg = "The key was used for another file or other parameters";
    throw invalidField(keyPlace, msg, key);
  });
  noteServed(context, { model, version, rows: 0 });
  return { job_id: job.id, status: job.status };
}

/** Queues a job for a file that comes as a text. */
export function createJobOperation(contract: Contract) {
  return {
    input: jobRequest,
    output: jobCreated,
    run({ data, ...options }: JobRequest, context: CallContext) {
      const file = Buffer.from(data);
      const pieces = async function* () {
        yield file;
      };
      const source = { bytes: pieces(), declared: file.byteLength };
      return submitJob(contract, options, source, ["body", "idempotency_key"], context);
    },
  } satisfies Operation<JobRequest, JobCreated>;
}

/** How often a watched job is looked at, in milliseconds: 8 µs each time. */
const LOOK_MS = 150;

/** A job after a change; `id` grows with every change. */
interface JobEvent {
  readonly id: string;
  readonly job: Job;
}

/**
 * Gives a job at once and after every change until it ends, from `lastEventId` on where the client has seen that.
 *
 * Fails with `not_found`, and with `unavailable` when the server ends, so that the client watches on elsewhere.
 */
export async function* watchJob(
  { job_id, lastEventId }: JobWatch,
  context: CallContext,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobEvent, void, void> {
  let seen = /^\d{1,15}$/.test(lastEventId ?? "") ? Number(lastEventId) : 0;
  for (;;) {
    if (signal?.aborted === true) return;
    const record = await findJob(job_id, context);
    if (record.revision > seen) {
      seen = record.revision;
      yield { id: String(seen), job: toJob(record) };
    }
    if (record.finishedAt !== null) return;
    if (context.services.lifecycle.refusing) {
      throw unavailable("the server is shutting down");
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}
