import { randomUUID } from "node:crypto";
import * as z from "zod";
import { claimRow, packState, toClaim, MAX_STALLS, STALLED } from "../job-row.ts";
import { diskFault } from "../disk-fault.ts";
import {
  ClaimLostError,
  type Claim,
  type JobQueue,
  type Outcome,
  type Progress,
} from "../job-store.ts";
import { resultTooLarge } from "../space-reservation.ts";
import { readChunks, removeChunks, writeChunks } from "./chunks.ts";
import { databaseFault, firstRow, type Connection } from "./database.ts";
import { takePlace, type HeldPlace } from "./queue-lease.ts";
import { JobDatabase, QUEUE, through } from "./job-database.ts";
import { release, reserve } from "./postgres-reservations.ts";
import { NOW } from "./tables.ts";

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

const sized = z.object({ input_bytes: z.int() });
const outputRow = z.object({ output_bytes: z.int() });

/** The runner's side of the jobs in a PostgreSQL: pg-boss chooses the next one, a transaction a step keeps what was done. */
export class PostgresJobQueue implements JobQueue {
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
      const { rows } = await connection.query(
        `UPDATE sepal.jobs SET status = 'running', attempt = attempt + 1, stalls = stalls + 1,
           started_at = coalesce(started_at, ${NOW}), error = NULL, owner = $2, revision = revision + 1
         WHERE queue_id = $1 AND status IN ('queued', 'running') RETURNING *`,
        [place.id, this.#options.owner],
      );
      const row = rows.length === 0 ? undefined : claimRow.parse(rows[0]);
      if (row !== undefined && row.stalls <= MAX_STALLS) return { place, claim: toClaim(row) };
      if (row !== undefined) await this.#giveUp(connection, row.id);
      await place.complete(connection);
      return { place: undefined, claim: undefined };
    });
    if (taken === undefined) return undefined;
    if (taken.place === undefined) return this.claim();
    this.#place = taken.place;
    this.#place.hold();
    return taken.claim;
  }

  async #giveUp(connection: Connection, id: string): Promise<void> {
    await connection.query(
      `UPDATE sepal.jobs SET status = 'failed', error = $2, finished_at = ${NOW}, input_bytes = 0,
         output_bytes = 0, revision = revision + 1 WHERE id = $1`,
      [id, STALLED],
    );
    await removeChunks(connection, id, true);
  }

  /** Stops the heartbeat of the runner. */
  #leave(): void {
    this.#place?.leave();
    this.#place = undefined;
  }

  async *input({ id }: Claim, start: number): AsyncGenerator<Uint8Array> {
    const { database } = this.#jobs;
    const text = "SELECT input_bytes FROM sepal.jobs WHERE id = $1";
    const end = (await firstRow(database, sized, text, [id]))?.input_bytes ?? 0;
    yield* readChunks(database, "sepal.input_chunks", id, { start, end });
  }

  async assertHeld({ id, attempt }: Claim): Promise<void> {
    const { rowCount } = await this.#jobs.database.query(
      "SELECT 1 FROM sepal.jobs WHERE id = $1 AND attempt = $2 AND status = 'running'",
      [id, attempt],
    );
    if (rowCount === 0) throw new ClaimLostError(id);
  }

  async renew(claim: Claim): Promise<void> {
    await this.assertHeld(claim);
  }

  async counted(claim: Claim, rowsTotal: number): Promise<void> {
    const changes = "rows_total = $3, revision = revision + 1";
    await this.#update(this.#jobs.database, claim, changes, rowsTotal);
  }

  /** Changes a job while it is held, and gives it; a claim that was lost changes nothing. */
  async #update(
    connection: Connection,
    { id, attempt }: Claim,
    changes: string,
    ...values: unknown[]
  ): Promise<unknown> {
    const { rows } = await connection.query(
      `UPDATE sepal.jobs SET ${changes}
       WHERE id = $1 AND attempt = $2 AND status = 'running' RETURNING *`,
      [id, attempt, ...values],
    );
    if (rows.length === 0) throw new ClaimLostError(id);
    return rows[0];
  }

  async checkpoint(claim: Claim, { output, rows, badRows, ...step }: Progress): Promise<void> {
    const bytes = Buffer.concat(output);
    const { maxBytes } = this.#options;
    await this.assertHeld(claim);
    if (!(await reserve(this.#jobs.database, claim.id, bytes.byteLength, maxBytes))) {
      throw resultTooLarge(maxBytes);
    }
    await this.#jobs.database.transaction(async (connection) => {
      // First of all: it waits for, or keeps out, whoever else would change the job.
      const row = await this.#update(
        connection,
        claim,
        `rows_done = rows_done + $3, rows_bad = rows_bad + $4, output_bytes = output_bytes + $5,
         state = $6, stalls = 0, revision = revision + 1`,
        rows,
        badRows,
        bytes.byteLength,
        packState(step),
      );
      const first = outputRow.parse(row).output_bytes - bytes.byteLength;
      await writeChunks(connection, "sepal.result_chunks", claim.id, first, bytes);
      await release(connection, claim.id);
    });
  }

  async end(claim: Claim, outcome: Outcome): Promise<void> {
    const boss = await this.#jobs.boss();
    await this.#jobs.database.transaction(async (connection) => {
      if (outcome.status === "queued") {
        const { error, delayMs } = outcome;
        const queueId = randomUUID();
        // Not its fault, so it does not count as a claim without progress.
        const changes = `status = 'queued', error = $3, queue_id = $4, stalls = 0,
          revision = revision + 1`;
        await this.#update(connection, claim, changes, error, queueId);
        await release(connection, claim.id);
        const startAfter = Math.ceil(delayMs / 1000);
        const db = through(connection);
        await boss.send(QUEUE, { id: claim.id }, { id: queueId, startAfter, db });
      } else {
        // A text of PostgreSQL has no NUL.
        const error = outcome.status === "failed" ? outcome.error.replaceAll("\0", "\uFFFD") : null;
        const changes = `status = $3, error = $4, finished_at = ${NOW}, input_bytes = 0,
          output_bytes = CASE WHEN $3 = 'failed' THEN 0 ELSE output_bytes END, revision = revision + 1`;
        await this.#update(connection, claim, changes, outcome.status, error);
        await removeChunks(connection, claim.id, outcome.status === "failed");
      }
      await this.#place?.complete(connection);
    });
    this.#leave();
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
