import { jobStatus } from "@sepal/schema/job";
import * as z from "zod";
import { OtherOrderError, type JobOrder, type JobRecord } from "./job-store.ts";

/** A row of the table of jobs, as far as readers of a job need it. */
const jobRow = z.object({
  id: z.string(),
  status: jobStatus,
  format: z.enum(["csv", "ndjson"]),
  rows_done: z.int(),
  rows_bad: z.int(),
  rows_total: z.int().nullable(),
  created_at: z.int(),
  started_at: z.int().nullable(),
  finished_at: z.int().nullable(),
  error: z.string().nullable(),
  revision: z.int(),
});

/** The record that a row of the table stands for. */
export function toRecord(row: unknown): JobRecord {
  const job = jobRow.parse(row);
  return {
    id: job.id,
    status: job.status,
    format: job.format,
    rowsDone: job.rows_done,
    rowsBad: job.rows_bad,
    rowsTotal: job.rows_total,
    createdAt: job.created_at,
    startedAt: job.started_at,
    finishedAt: job.finished_at,
    error: job.error,
    revision: job.revision,
  };
}

const fingerprinted = z.object({ fingerprint: z.string() });

/** The record of the row that has the idempotency key of an order; fails with {@link OtherOrderError} where another order made it. */
export function recordOfSameOrder(
  row: unknown,
  { key, fingerprint }: NonNullable<JobOrder["idempotency"]>,
): JobRecord {
  if (fingerprinted.parse(row).fingerprint === fingerprint) return toRecord(row);
  throw new OtherOrderError(key);
}
