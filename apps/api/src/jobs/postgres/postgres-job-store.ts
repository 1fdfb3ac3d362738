import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { unavailable } from "@sepal/schema/unavailable";
import type { Logger } from "pino";
import * as z from "zod";
import { ORDER_COLUMNS, orderValues, recordOfSameOrder, toRecord } from "../job-row.ts";
import type { JobOrder, JobRecord, ReceivedInput, JobResult, JobStore } from "../job-store.ts";
import { firstRow, Outage, type Connection } from "./database.ts";
import { NOW, TABLES_LOCK } from "./tables.ts";
import { overLimit } from "../../errors/failures.ts";
import { UploadRoom, type RoomLimits } from "../space-reservation.ts";
import { readChunks, removeChunks, writeChunks } from "./chunks.ts";
import { JobDatabase, QUEUE, through } from "./job-database.ts";
import { assertPlaceFree, release, reserve } from "./postgres-reservations.ts";

/** The job that the same order made before; `keepMs` is how long an ended one is kept, in milliseconds. */
async function sameOrder(
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

/** Writes a new job down, as one chunk until a runner cuts it; `queueId` is that one's place in the queue. */
async function insertJob(
  connection: Connection,
  input: ReceivedInput,
  order: JobOrder,
  queueId: string,
): Promise<JobRecord> {
  const { rows } = await connection.query(
    `INSERT INTO sepal.jobs (${ORDER_COLUMNS}, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, ${NOW}) RETURNING *`,
    orderValues(input, order),
  );
  await connection.query("INSERT INTO sepal.job_chunks (id, chunk, queue_id) VALUES ($1, 0, $2)", [
    input.id,
    queueId,
  ]);
  return toRecord(rows[0]);
}

/** Bounds of what a store takes. */
interface JobLimits extends RoomLimits {
  /** Bytes of one input. */
  readonly maxInputBytes: number;
  /** How long an ended job is kept, in milliseconds. */
  readonly keepMs: number;
}

/** Connections of a process for requests. */
const CONNECTIONS = 4;

/** Ids are made here: what looks otherwise is none. */
const ID = /^[\da-f-]{36}$/;

const count = z.object({ count: z.int() });
const finished = z.array(z.object({ chunk: z.int(), output_bytes: z.int() }));

/** Jobs, their inputs and their results as rows of a PostgreSQL, which any replica may use. */
export class PostgresJobStore implements JobStore {
  readonly #jobs: JobDatabase;
  readonly #limits: JobLimits;
  readonly #outage: Outage;

  constructor(url: string, limits: JobLimits, logger: Logger) {
    const report = (error: unknown) => logger.error({ err: error }, "queue of jobs");
    this.#jobs = new JobDatabase({ url, connections: CONNECTIONS, supervise: false, report });
    this.#limits = limits;
    this.#outage = new Outage(logger);
  }

  /** Runs what needs the tables. */
  #guard<T>(run: (connection: JobDatabase["database"]) => Promise<T>): Promise<T> {
    return this.#outage.guard(async () => {
      await this.#jobs.boss();
      return run(this.#jobs.database);
    });
  }

  admit(): Promise<void> {
    return this.#guard((database) => assertPlaceFree(database, this.#limits));
  }

  async receive(
    source: AsyncIterable<Uint8Array>,
    declared: number | undefined,
  ): Promise<ReceivedInput> {
    const id = randomUUID();
    const hash = createHash("sha256");
    const { maxBytes } = this.#limits;
    const take = (length: number) =>
      this.#guard((database) => reserve(database, id, length, maxBytes));
    const room = new UploadRoom(take, this.#limits);
    let bytes = 0;
    try {
      if (declared !== undefined) await room.reserve(declared);
      await this.#guard((database) =>
        database.query(`INSERT INTO sepal.inputs (id, seen_at) VALUES ($1, ${NOW})`, [id]),
      );
      for await (const piece of source) {
        const first = bytes;
        bytes += piece.byteLength;
        if (bytes > this.#limits.maxInputBytes) {
          throw overLimit("file", this.#limits.maxInputBytes);
        }
        await room.cover(bytes);
        hash.update(piece);
        await this.#guard((database) =>
          writeChunks(database, { input: id }, first, Buffer.from(piece)),
        );
      }
    } catch (error) {
      await this.#forget(id).catch(() => {});
      throw error;
    }
    return { id, bytes, sha256: hash.digest("hex") };
  }

  async #forget(id: string): Promise<void> {
    const { database } = this.#jobs;
    await database.query("DELETE FROM sepal.inputs WHERE id = $1", [id]);
    await release(database, id);
  }

  discard({ id }: ReceivedInput): Promise<void> {
    return this.#guard(() => this.#forget(id));
  }

  async create(input: ReceivedInput, order: JobOrder): Promise<JobRecord> {
    try {
      const job = await this.#guard((database) =>
        database.transaction(async (connection) => {
          // One at a time: two orders of one key, or two for the last place, would not see each other.
          await connection.query("SELECT pg_advisory_xact_lock($1)", [TABLES_LOCK]);
          const same = await sameOrder(connection, order, this.#limits.keepMs);
          if (same !== undefined) return same;
          await assertPlaceFree(connection, this.#limits);
          const kept = await connection.query(
            "SELECT 1 FROM sepal.inputs WHERE id = $1 FOR UPDATE",
            [input.id],
          );
          if (kept.rowCount === 0) throw unavailable("the file took too long to arrive");
          const boss = await this.#jobs.boss();
          const queueId = randomUUID();
          await boss.send(QUEUE, { id: input.id }, { id: queueId, db: through(connection) });
          const job = await insertJob(connection, input, order, queueId);
          await release(connection, input.id);
          return job;
        }),
      );
      if (job.id !== input.id) await this.discard(input);
      return job;
    } catch (error) {
      // Where the response to the commit was lost there may be a job of it.
      await this.#forgetUnused(input.id).catch(() => {});
      throw error;
    }
  }

  async #forgetUnused(id: string): Promise<void> {
    await this.#jobs.database.query(
      `DELETE FROM sepal.inputs AS input
       WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM sepal.jobs WHERE id = input.id)`,
      [id],
    );
    await release(this.#jobs.database, id);
  }

  async queued(): Promise<number> {
    const row = await this.#guard((database) =>
      firstRow(database, count, "SELECT count(*) FROM sepal.jobs WHERE status = 'queued'"),
    );
    return row?.count ?? 0;
  }

  async get(id: string, client: string): Promise<JobRecord | undefined> {
    if (!ID.test(id)) return undefined;
    const { rows } = await this.#guard((database) =>
      database.query(
        `SELECT * FROM sepal.jobs
         WHERE id = $1 AND client = $2 AND coalesce(finished_at >= ${NOW} - $3, TRUE)`,
        [id, client, this.#limits.keepMs],
      ),
    );
    return rows.length === 0 ? undefined : toRecord(rows[0]);
  }

  async cancel(id: string, client: string): Promise<JobRecord | undefined> {
    if (!ID.test(id)) return undefined;
    const cancelled = await this.#guard((database) =>
      database.transaction(async (connection) => {
        const { rows } = await connection.query(
          `UPDATE sepal.jobs SET status = 'cancelled', error = NULL, finished_at = ${NOW},
             output_bytes = 0, input_bytes = 0, revision = revision + 1
           WHERE id = $1 AND client = $2 AND status IN ('queued', 'running') RETURNING *`,
          [id, client],
        );
        if (rows.length === 0) return undefined;
        const places = await removeChunks(connection, id, true);
        const boss = await this.#jobs.boss();
        await boss.deleteJob(QUEUE, places, { db: through(connection) });
        return toRecord(rows[0]);
      }),
    );
    return cancelled ?? this.get(id, client);
  }

  async result(id: string): Promise<JobResult> {
    const { rows } = await this.#guard((database) =>
      database.query(
        "SELECT chunk, output_bytes FROM sepal.job_chunks WHERE id = $1 ORDER BY chunk",
        [id],
      ),
    );
    const chunks = finished.parse(rows);
    const bytes = chunks.reduce((sum, each) => sum + each.output_bytes, 0);
    const { database } = this.#jobs;
    const pieces = async function* () {
      for (const { chunk, output_bytes: end } of chunks) {
        yield* readChunks(database, { result: id, chunk }, { start: 0, end });
      }
    };
    return { bytes, stream: Readable.from(pieces(), { objectMode: false }) };
  }

  close(): void {
    // What is left of it ends with the process.
    this.#jobs.close().catch(() => {});
  }
}
