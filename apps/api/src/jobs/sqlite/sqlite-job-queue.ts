import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { JobStatus } from "@sepal/schema/job";
import * as z from "zod";
import { DISK_FULL, diskFault } from "../disk-fault.ts";
import {
  ClaimLostError,
  type Claim,
  type Counted,
  type JobQueue,
  type Outcome,
  type Progress,
} from "../job-store.ts";
import { resultTooLarge } from "../space-reservation.ts";
import { MAX_STALLS, STALLED, claimRow, packState, toClaim } from "../job-row.ts";
import { JobSweeper, removeFiles, removeInput } from "./job-sweeper.ts";
import { openDatabase, syncLog, transaction } from "./open-database.ts";
import { hasEnded } from "./owner.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { segmentList, Spool } from "./spool.ts";
import { SqliteRoom } from "./sqlite-reservations.ts";

/** How long a claim holds without a sign of life, in milliseconds. */
const LEASE_MS = 10_000;

interface QueueOptions {
  readonly dataDir: string;
  /** Who claims; one runner has one name and one job at a time. */
  readonly owner: string;
  /** How long an ended job is kept, in milliseconds. */
  readonly keepMs: number;
  /** Most bytes of all jobs. */
  readonly maxBytes: number;
}

const ownerRow = z.object({ owner: z.string() });
const segmentsRow = z.object({ segments: z.string() });

/** The runner's side of the jobs in a data folder; several runners, in this process and others, share it. */
export class SqliteJobQueue implements JobQueue {
  readonly chunkBytes = Number.POSITIVE_INFINITY;
  readonly #options: QueueOptions;
  readonly #database: DatabaseSync;
  readonly #spool: Spool;
  readonly #room: SqliteRoom;
  readonly #sweeper: JobSweeper;
  readonly #segments: SegmentWriter;

  private constructor(options: QueueOptions, database: DatabaseSync) {
    this.#options = options;
    this.#database = database;
    this.#spool = new Spool(options.dataDir);
    this.#segments = new SegmentWriter(this.#spool);
    this.#room = new SqliteRoom(database, options.owner, options.maxBytes);
    this.#sweeper = new JobSweeper(database, this.#spool, this.#room, options);
  }

  static async open(options: QueueOptions): Promise<SqliteJobQueue> {
    const database = await openDatabase(options.dataDir, { checkpoints: true });
    return new SqliteJobQueue(options, database);
  }

  async claim(): Promise<Claim | undefined> {
    const { owner } = this.#options;
    const database = this.#database;
    const owners = database
      .prepare("SELECT DISTINCT owner FROM jobs WHERE status = 'running'")
      .all();
    // This runner works on nothing while it claims: what is in its name was left by a thread that crashed.
    const dead = owners
      .map((row) => ownerRow.parse(row).owner)
      .filter((name) => name === owner || hasEnded(name));
    const find = () =>
      database
        .prepare(
          `SELECT * FROM jobs WHERE status = 'queued' AND not_before <= ?
             OR status = 'running' AND (lease_until <= ? OR owner IN (SELECT value FROM json_each(?)))
           ORDER BY created_at, id LIMIT 1`,
        )
        .get(Date.now(), Date.now(), JSON.stringify(dead));
    // Reading first keeps idle runners from taking the write lock every second.
    const next = find();
    if (next === undefined) return undefined;
    // Each claim takes a little room, and the next jobs would find no more of it.
    if (next["error"] === DISK_FULL && !(await this.#spool.hasRoom(0))) return undefined;
    const claimed = transaction(database, () => {
      const found = find();
      if (found === undefined) return undefined;
      const { id, stalls } = claimRow.parse(found);
      if (stalls >= MAX_STALLS) return this.#giveUp(id);
      return database
        .prepare(
          `UPDATE jobs SET status = 'running', owner = ?, lease_until = ?, attempt = attempt + 1,
             stalls = stalls + 1, started_at = coalesce(started_at, ?), error = NULL,
             revision = revision + 1
           WHERE id = ? RETURNING *`,
        )
        .get(owner, Date.now() + LEASE_MS, Date.now(), id);
    });
    return claimed === undefined ? this.claim() : toClaim(claimed);
  }

  #giveUp(id: string): undefined {
    this.#database
      .prepare(
        `UPDATE jobs SET status = 'failed', error = ?, finished_at = ?, revision = revision + 1
         WHERE id = ?`,
      )
      .run(STALLED, Date.now(), id);
  }

  input({ id }: Claim, start: number): AsyncIterable<Uint8Array> {
    return this.#spool.readInput(id, start);
  }

  async assertHeld(claim: Claim): Promise<void> {
    this.#held(claim);
  }

  #held({ id, attempt }: Claim): void {
    const row = this.#database
      .prepare("SELECT 1 FROM jobs WHERE id = ? AND attempt = ? AND status = 'running'")
      .get(id, attempt);
    if (row === undefined) throw new ClaimLostError(id);
  }

  async renew(claim: Claim): Promise<void> {
    this.#update(claim, "lease_until = ?", Date.now() + LEASE_MS);
  }

  async counted(claim: Claim, { rowsTotal }: Counted): Promise<void> {
    this.#update(claim, "rows_total = ?, revision = revision + 1", rowsTotal);
  }

  /** Changes a job while it is held; a claim that was lost changes nothing. */
  #update({ id, attempt }: Claim, changes: string, ...values: SQLInputValue[]): void {
    const { changes: count } = this.#database
      .prepare(`UPDATE jobs SET ${changes} WHERE id = ? AND attempt = ? AND status = 'running'`)
      .run(...values, id, attempt);
    if (count === 0) throw new ClaimLostError(id);
  }

  async checkpoint(claim: Claim, { output, rows, badRows, ...step }: Progress): Promise<void> {
    this.#held(claim);
    // Only by this does the result have these bytes: what was written and not committed is no part of it.
    const commit = (bytes: number) => {
      this.#held(claim);
      const row = this.#database.prepare("SELECT * FROM jobs WHERE id = ?").get(claim.id);
      const segments = segmentList.parse(JSON.parse(segmentsRow.parse(row).segments));
      const last = segments.find(({ attempt }) => attempt === claim.attempt);
      const others = segments.filter(({ attempt }) => attempt !== claim.attempt);
      others.push({ attempt: claim.attempt, bytes: (last?.bytes ?? 0) + bytes });
      this.#update(
        claim,
        `rows_done = rows_done + ?, rows_bad = rows_bad + ?, output_bytes = output_bytes + ?,
         segments = ?, state = ?, stalls = 0, lease_until = ?,
         revision = revision + 1`,
        rows,
        badRows,
        bytes,
        JSON.stringify(others),
        packState(step),
        Date.now() + LEASE_MS,
      );
      this.#room.release(claim.id);
    };
    await this.#segments.append(claim, output, {
      reserve: (bytes) => {
        const { maxBytes } = this.#options;
        if (!this.#room.reserve(claim.id, bytes)) throw resultTooLarge(maxBytes);
      },
      commit: (bytes) => transaction(this.#database, () => commit(bytes)),
    });
  }

  async end(claim: Claim, outcome: Outcome): Promise<JobStatus> {
    await this.#segments.close();
    this.#room.release(claim.id);
    if (outcome.status === "queued") {
      const { error, delayMs } = outcome;
      // Not its fault, so it does not count as a claim without progress.
      const changes = `status = 'queued', error = ?, not_before = ?, owner = NULL, stalls = 0,
        revision = revision + 1`;
      this.#update(claim, changes, error, Date.now() + delayMs);
      return "queued";
    }
    const error = outcome.status === "failed" ? outcome.error : null;
    const changes = `status = ?, error = ?, finished_at = ?, owner = NULL, revision = revision + 1`;
    this.#update(claim, changes, outcome.status, error, Date.now());
    await syncLog(this.#options.dataDir);
    const remove = outcome.status === "failed" ? removeFiles : removeInput;
    await remove(this.#database, this.#spool, claim.id);
    return outcome.status;
  }

  fault(error: unknown): string | undefined {
    return diskFault(error);
  }

  sweep(): Promise<void> {
    return this.#sweeper.sweep();
  }

  close(): void {
    this.#database.close();
  }
}
