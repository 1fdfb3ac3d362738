import { randomUUID } from "node:crypto";
import type { JobStatus } from "@sepal/schema/job";
import type { PgBoss } from "pg-boss";
import * as z from "zod";
import { claimRow, packState, toClaim, MAX_STALLS, STALLED } from "../job-row.ts";
import { diskFault } from "../disk-fault.ts";
import {
  ClaimLostError,
  type Claim,
  type Counted,
  type JobQueue,
  type Outcome,
  type Progress,
} from "../job-store.ts";
import { resultTooLarge } from "../space-reservation.ts";
import { readChunks, removeChunks, writeChunks } from "./chunks.ts";
import { databaseFault, firstRow, type Connection } from "./database.ts";
import { takePlace, type HeldPlace } from "./queue-lease.ts";
import { JobDatabase, QUEUE, through } from "./job-database.ts";
import { release, reservationOf, reserve } from "./postgres-reservations.ts";
import { NOW } from "./tables.ts";

/**
 * Bytes of a file from which on the rest is another chunk: some 0.2 s of a narrow table, of which claiming and ending take a
 * tenth.
 */
const CHUNK_BYTES = 4 * 2 ** 20;

/** Of chunks whose job has begun: it ends before the next one begins. */
const BEGUN_PRIORITY = 1;

/** Connections of a process for its runner. */
const CONNECTIONS = 3;

interface QueueOptions {
  readonly url: string;
  /** Who claims, for whoever reads the table. */
  readonly owner: string;
  /** How long an ended job is kept, in milliseconds. */
  readonly keepMs: number;
  /** Most bytes of all jobs. */
  readonly maxBytes: number;
  /** Called with failures in the background. */
  readonly report: (error: unknown) => void;
}

const ending = z.object({ end_byte: z.int() });
const leftChunks = z.object({ open: z.int(), error: z.string().nullable() });
const outputRow = z.object({ output_bytes: z.int() });

/** The runner's side of the jobs in a PostgreSQL: pg-boss chooses the next one, a transaction a step keeps what was done. */
export class PostgresJobQueue implements JobQueue {
  readonly chunkBytes = CHUNK_BYTES;
  readonly #jobs: JobDatabase;
  readonly #options: QueueOptions;
  #place: HeldPlace | undefined;

  constructor(options: QueueOptions) {
    const { url, report } = options;
    this.#options = options;
    this.#jobs = new JobDatabase({ url, connections: CONNECTIONS, supervise: true, report });
  }

  async claim(): Promise<Claim | undefined> {
    this.#leave();
    const boss = await this.#jobs.boss();
    const taken = await this.#jobs.database.transaction(async (connection) => {
      const place = await takePlace(boss, connection);
      if (place === undefined) return undefined;
      const claim = await this.#claimAt(connection, place.id);
      if (claim === undefined) await place.complete(connection);
      return { place, claim };
    });
    if (taken === undefined) return undefined;
    if (taken.claim === undefined) return this.claim();
    this.#place = taken.place;
    this.#place.hold();
    return taken.claim;
  }

  /** Claims the chunk of a place; none where it is gone, with its job or after a chunk that failed, or where it is given up. */
  async #claimAt(connection: Connection, queueId: string): Promise<Claim | undefined> {
    // The job's row first, as everywhere: two runners that wait for each other would not end.
    const { rows: jobs } = await connection.query(
      `UPDATE sepal.jobs SET status = 'running', started_at = coalesce(started_at, ${NOW}),
         error = NULL, revision = revision + 1
       WHERE id = (SELECT id FROM sepal.job_chunks WHERE queue_id = $1)
         AND status IN ('queued', 'running') RETURNING *`,
      [queueId],
    );
    const { rows: chunks } = await connection.query(
      `UPDATE sepal.job_chunks SET status = 'running', attempt = attempt + 1, stalls = stalls + 1,
         error = NULL, owner = $2
       WHERE queue_id = $1 AND status IN ('queued', 'running')
       RETURNING chunk, attempt, stalls, state`,
      [queueId, this.#options.owner],
    );
    if (jobs.length === 0 || chunks.length === 0) return undefined;
    const row = Object.assign({}, jobs[0], chunks[0]);
    const claim = toClaim(row);
    if (claimRow.parse(row).stalls <= MAX_STALLS) return claim;
    await this.#endChunk(connection, claim, { status: "failed", error: STALLED });
    return undefined;
  }

  /** Stops the heartbeat of the runner. */
  #leave(): void {
    this.#place?.leave();
    this.#place = undefined;
  }

  async *input({ id, chunk }: Claim, start: number): AsyncGenerator<Uint8Array> {
    const { database } = this.#jobs;
    const text = `SELECT coalesce(end_byte, input_bytes) AS end_byte
      FROM sepal.job_chunks JOIN sepal.jobs USING (id) WHERE id = $1 AND chunk = $2`;
    const end = (await firstRow(database, ending, text, [id, chunk]))?.end_byte ?? 0;
    yield* readChunks(database, { input: id }, { start, end });
  }

  async assertHeld({ id, chunk, attempt }: Claim): Promise<void> {
    const { rowCount } = await this.#jobs.database.query(
      `SELECT 1 FROM sepal.job_chunks AS part JOIN sepal.jobs AS job USING (id)
       WHERE id = $1 AND chunk = $2 AND attempt = $3
         AND part.status = 'running' AND job.status = 'running'`,
      [id, chunk, attempt],
    );
    if (rowCount === 0) throw new ClaimLostError(id);
  }

  async renew(claim: Claim): Promise<void> {
    await this.assertHeld(claim);
  }

  async counted(claim: Claim, { rowsTotal, cuts, checksum }: Counted): Promise<void> {
    const boss = await this.#jobs.boss();
    const [first] = cuts;
    await this.#jobs.database.transaction(async (connection) => {
      await this.#changeJob(
        connection,
        claim,
        "rows_total = $2, checksum = $3",
        rowsTotal,
        checksum,
      );
      await this.#changeChunk(connection, claim, "end_byte = $4", first?.inputBytes ?? null);
      const places = cuts.map(() => randomUUID());
      for (const [index, state] of cuts.entries()) {
        await connection.query(
          `INSERT INTO sepal.job_chunks (id, chunk, state, end_byte, queue_id)
           VALUES ($1, $2, $3, $4, $5)`,
          [
            claim.id,
            index + 1,
            packState({ state, checksum }),
            cuts[index + 1]?.inputBytes ?? null,
            places[index],
          ],
        );
      }
      if (cuts.length === 0) return;
      const data = { id: claim.id };
      const jobs = places.map((id) => ({ id, data, priority: BEGUN_PRIORITY }));
      await boss.insert(QUEUE, jobs, { db: through(connection) });
    });
  }

  /** Changes a job that runs; one that was cancelled changes nothing. Its lock keeps out whoever else would change it. */
  async #changeJob(
    connection: Connection,
    { id }: Claim,
    changes: string,
    ...values: unknown[]
  ): Promise<void> {
    const { rowCount } = await connection.query(
      `UPDATE sepal.jobs SET ${changes}, revision = revision + 1
       WHERE id = $1 AND status = 'running'`,
      [id, ...values],
    );
    if (rowCount === 0) throw new ClaimLostError(id);
  }

  /** Changes a chunk while it is held, and returns it; a claim that was lost changes nothing. */
  async #changeChunk(
    connection: Connection,
    { id, chunk, attempt }: Claim,
    changes: string,
    ...values: unknown[]
  ): Promise<unknown> {
    const { rows } = await connection.query(
      `UPDATE sepal.job_chunks SET ${changes}
       WHERE id = $1 AND chunk = $2 AND attempt = $3 AND status = 'running' RETURNING *`,
      [id, chunk, attempt, ...values],
    );
    if (rows.length === 0) throw new ClaimLostError(id);
    return rows[0];
  }

  async checkpoint(claim: Claim, { output, rows, badRows, ...step }: Progress): Promise<void> {
    const bytes = Buffer.concat(output);
    const { id, chunk } = claim;
    const { maxBytes } = this.#options;
    const reservation = reservationOf(id, chunk);
    await this.assertHeld(claim);
    if (!(await reserve(this.#jobs.database, reservation, bytes.byteLength, maxBytes))) {
      throw resultTooLarge(maxBytes);
    }
    await this.#jobs.database.transaction(async (connection) => {
      await this.#changeJob(
        connection,
        claim,
        "rows_done = rows_done + $2, rows_bad = rows_bad + $3, output_bytes = output_bytes + $4",
        rows,
        badRows,
        bytes.byteLength,
      );
      const row = await this.#changeChunk(
        connection,
        claim,
        "output_bytes = output_bytes + $4, state = $5, stalls = 0",
        bytes.byteLength,
        packState(step),
      );
      const first = outputRow.parse(row).output_bytes - bytes.byteLength;
      await writeChunks(connection, { result: id, chunk }, first, bytes);
      await release(connection, reservation);
    });
  }

  async end(claim: Claim, outcome: Outcome): Promise<JobStatus> {
    const boss = await this.#jobs.boss();
    const status = await this.#jobs.database.transaction(async (connection) => {
      await this.#changeJob(connection, claim, "status = status");
      await release(connection, reservationOf(claim.id, claim.chunk));
      const ended =
        outcome.status === "queued"
          ? await this.#putBack(connection, boss, claim, outcome)
          : await this.#endChunk(connection, claim, outcome);
      await this.#place?.complete(connection);
      return ended;
    });
    this.#leave();
    return status;
  }

  /** Gives a chunk back to the queue; its job waits where no other chunk of it is worked on. */
  async #putBack(
    connection: Connection,
    boss: PgBoss,
    claim: Claim,
    { error, delayMs }: Extract<Outcome, { status: "queued" }>,
  ): Promise<JobStatus> {
    const id = randomUUID();
    // Not its fault, so it does not count as a claim without progress.
    const changes = "status = 'queued', queue_id = $4, stalls = 0, owner = NULL";
    await this.#changeChunk(connection, claim, changes, id);
    await connection.query(
      `UPDATE sepal.jobs SET status = 'queued', error = $2 WHERE id = $1
         AND NOT EXISTS (SELECT FROM sepal.job_chunks WHERE id = $1 AND status = 'running')`,
      [claim.id, error],
    );
    const startAfter = Math.ceil(delayMs / 1000);
    const db = through(connection);
    await boss.send(QUEUE, { id: claim.id }, { id, startAfter, priority: BEGUN_PRIORITY, db });
    return "queued";
  }

  /**
   * Ends a chunk for good, and with the last one its job. What comes behind a chunk that failed is not scored, what comes
   * before it is: the job fails as the first of them did, whichever ends first.
   */
  async #endChunk(
    connection: Connection,
    claim: Claim,
    outcome: Exclude<Outcome, { status: "queued" }>,
  ): Promise<JobStatus> {
    const { id, chunk } = claim;
    // A text of PostgreSQL has no NUL.
    const error = outcome.status === "failed" ? outcome.error.replaceAll("\0", "\uFFFD") : null;
    await this.#changeChunk(connection, claim, "status = $4, error = $5", outcome.status, error);
    if (error !== null) {
      await connection.query("DELETE FROM sepal.job_chunks WHERE id = $1 AND chunk > $2", [
        id,
        chunk,
      ]);
    }
    const left = await firstRow(
      connection,
      leftChunks,
      `SELECT count(*) FILTER (WHERE status IN ('queued', 'running')) AS open,
         (array_agg(error ORDER BY chunk) FILTER (WHERE status = 'failed'))[1] AS error
       FROM sepal.job_chunks WHERE id = $1`,
      [id],
    );
    if (left === undefined || left.open > 0) return "running";
    const status = left.error === null ? "succeeded" : "failed";
    await this.#changeJob(
      connection,
      claim,
      `status = $2, error = $3, finished_at = ${NOW}, input_bytes = 0,
       output_bytes = CASE WHEN $2 = 'failed' THEN 0 ELSE output_bytes END`,
      status,
      left.error,
    );
    await removeChunks(connection, id, status === "failed");
    return status;
  }

  fault(error: unknown): string | undefined {
    return databaseFault(error) ?? diskFault(error);
  }

  sweep(): Promise<void> {
    return sweepJobs(this.#jobs, this.#options.keepMs);
  }

  close(): void {
    this.#leave();
    this.#jobs.close().catch(this.#options.report);
  }
}

/** Age from which a reservation, and an input without one or a job, is removed, in milliseconds: an upload renews its own every 30 s. */
const ORPHAN_MS = 600_000;

/** Removes jobs that ended longer than `keepMs` ago, and inputs that no job was made of. */
async function sweepJobs(jobs: JobDatabase, keepMs: number): Promise<void> {
  await jobs.boss();
  const { database } = jobs;
  await database.query(`DELETE FROM sepal.jobs WHERE finished_at < ${NOW} - $1`, [keepMs]);
  await database.query(`DELETE FROM sepal.reservations WHERE seen_at < ${NOW} - $1`, [ORPHAN_MS]);
  await database.query(
    `DELETE FROM sepal.inputs AS input WHERE seen_at < ${NOW} - $1
       AND NOT EXISTS (SELECT 1 FROM sepal.jobs WHERE id = input.id)
       AND NOT EXISTS (SELECT 1 FROM sepal.reservations WHERE id = input.id)`,
    [ORPHAN_MS],
  );
}
