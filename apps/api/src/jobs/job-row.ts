import { jobStatus } from "@sepal/schema/job";
import * as z from "zod";
import { OtherOrderError, type JobOrder, type JobRecord, type ReceivedInput } from "./job-store.ts";

/** A row of the table of jobs, as far as readers of a job need it. */
const jobRow = z.object({
  id: z.string(),
  status: jobStatus,
  format: z.enum(["csv", "ndjson"]),
  charset: z.enum(["utf-8", "windows-1252"]),
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
    charset: job.charset,
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

/** The columns of {@link orderValues}. */
export const ORDER_COLUMNS =
  "id, client, idempotency_key, fingerprint, format, charset, spreadsheet, contract, model, version, strict, input_bytes";

/** What a new row says of its order and its input, in the order of {@link ORDER_COLUMNS}. */
export function orderValues(input: ReceivedInput, order: JobOrder): (string | number | null)[] {
  const { client, format, charset, spreadsheet, contract, model, version, strict, idempotency } =
    order;
  return [
    input.id,
    client,
    idempotency?.key ?? null,
    idempotency?.fingerprint ?? null,
    format,
    charset,
    spreadsheet ? 1 : 0,
    contract,
    model,
    version,
    strict ? 1 : 0,
    input.bytes,
  ];
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
