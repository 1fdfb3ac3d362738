import { ORDER_COLUMNS, orderValues, recordOfSameOrder, toRecord } from "../job-row.ts";
import type { JobOrder, JobRecord, ReceivedInput } from "../job-store.ts";
import type { Connection } from "./database.ts";
import { NOW } from "./tables.ts";

/** The job that the same order made before; `keepMs` is how long an ended one is kept, in milliseconds. */
export async function sameOrder(
  connection: Connection,
  { client, idempotency }: JobOrder,
  keepMs: number,
): Promise<JobRecord | undefined> {
  if (idempotency === undefined) return undefined;
  const { key } = idempotency;
  await connection.query(
    `UPDATE sepal.jobs SET idempotency_key = NULL
     WHERE client = $1 AND idempotency_key = $2 AND finished_at < ${NOW} - $3`,
    [client, key, keepMs],
  );
  const { rows } = await connection.query(
    "SELECT * FROM sepal.jobs WHERE client = $1 AND idempotency_key = $2",
    [client, key],
  );
  return rows.length === 0 ? undefined : recordOfSameOrder(rows[0], idempotency);
}

/** Writes a new job down; `queueId` is its place in the queue. */
export async function insertJob(
  connection: Connection,
  input: ReceivedInput,
  order: JobOrder,
  queueId: string,
): Promise<JobRecord> {
  const { rows } = await connection.query(
    `INSERT INTO sepal.jobs (${ORDER_COLUMNS}, queue_id, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, ${NOW}) RETURNING *`,
    [...orderValues(input, order), queueId],
  );
  return toRecord(rows[0]);
}
