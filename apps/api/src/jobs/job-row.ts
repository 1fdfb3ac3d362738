import { jobStatus } from "@sepal/schema/job";
import * as z from "zod";
import {
  OtherOrderError,
  type JobOrder,
  type JobRecord,
  type ReceivedInput,
  type Claim,
  type Progress,
} from "./job-store.ts";

const charset = z.enum(["utf-8", "windows-1252"]);

/** A row of the table of jobs, as far as readers of a job need it. */
const jobRow = z.object({
  id: z.string(),
  status: jobStatus,
  format: z.enum(["csv", "ndjson"]),
  charset,
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

/** The values of a new row for its order and its input, in the order of {@link ORDER_COLUMNS}. */
export function orderValues(input: ReceivedInput, order: JobOrder): (string | number | null)[] {
  const {
    client,
    format,
    charset: of,
    spreadsheet,
    contract,
    model,
    version,
    strict,
    idempotency,
  } = order;
  return [
    input.id,
    client,
    idempotency?.key ?? null,
    idempotency?.fingerprint ?? null,
    format,
    of,
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

const checkpoint = z.object({
  format: z.enum(["csv", "ndjson"]),
  layout: z
    .object({
      delimiter: z.string(),
      decimal: z.enum([".", ","]).default("."),
      columns: z.array(z.string()),
    })
    .nullable(),
  lines: z.int().default(0),
  rows: z.int(),
  inputBytes: z.int(),
  checksum: z.string().nullable().default(null),
});

/** A row of the table of jobs, as far as a runner needs it. */
export const claimRow = z.object({
  id: z.string(),
  chunk: z.int().default(0),
  attempt: z.int(),
  client: z.string(),
  format: z.enum(["csv", "ndjson"]),
  charset,
  spreadsheet: z.int(),
  contract: z.string(),
  model: z.string(),
  version: z.string(),
  strict: z.int(),
  rows_total: z.int().nullable(),
  state: z.string().nullable(),
  checksum: z.string().nullable().default(null),
  stalls: z.int(),
});

/** What the column `state` keeps of a step. */
export function packState({ state, checksum }: Pick<Progress, "state" | "checksum">): string {
  return JSON.stringify({ ...state, checksum });
}

function unpackState(text: string | null): Pick<Claim, "state" | "checksum"> {
  if (text === null) return { state: null, checksum: null };
  const { checksum, ...state } = checkpoint.parse(JSON.parse(text));
  return { state, checksum };
}

/** The claim that a row of the table stands for. */
export function toClaim(value: unknown): Claim {
  const row = claimRow.parse(value);
  const { id, chunk, attempt, client, format, contract, model, version } = row;
  const { state, checksum } = unpackState(row.state);
  return {
    id,
    chunk,
    attempt,
    order: {
      client,
      format,
      charset: row.charset,
      spreadsheet: row.spreadsheet === 1,
      contract,
      model,
      version,
      strict: row.strict === 1,
      idempotency: undefined,
    },
    rowsTotal: row.rows_total,
    state,
    checksum: checksum ?? row.checksum,
  };
}

/** Claims without progress after which a job is given up: it may be what ends the process. */
export const MAX_STALLS = 5;

/** Why a job that was claimed so often failed, for its client. */
export const STALLED = `it was begun ${MAX_STALLS} times and never got on`;
