import { job, jobRef, type Job, type JobRef } from "@sepal/schema/job";
import { SepalError } from "@sepal/schema/sepal-error";
import type { JobDesk } from "../jobs/job-desk.ts";
import type { JobRecord, JobResult } from "../jobs/job-store.ts";
import type { Operation } from "./operation.ts";
import type { CallContext } from "../context.ts";

/** Where this process takes jobs; fails in a thread that takes none. */
export function jobDesk({ services }: CallContext): JobDesk {
  if (services.jobs === undefined) throw new SepalError("internal", "jobs are not taken here");
  return services.jobs;
}

/** Whose jobs a call sees: its own, and where nobody has to say who they are, all. */
export function clientOf({ caller }: CallContext): string {
  return caller ?? "";
}

function noJob(id: string): SepalError {
  return new SepalError("not_found", `there is no job "${id}"`);
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** A job as the API shows it. */
export function toJob(record: JobRecord): Job {
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
export async function findJob(id: string, context: CallContext): Promise<JobRecord> {
  const record = await jobDesk(context).get(id, clientOf(context));
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
    const record = await jobDesk(context).cancel(job_id, clientOf(context));
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
  if (status === "succeeded") return { ...(await jobDesk(context).result(id)), record };
  const waits = status === "queued" || status === "running";
  const why = error === null ? "" : `: ${error}`;
  throw new SepalError("conflict", `the job is ${status} and has no result${why}`, {
    headers: waits ? { "retry-after": "1" } : {},
  });
}
