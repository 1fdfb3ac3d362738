import { createHash, randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { asUnavailable } from "../disk-fault.ts";
import type { JobOrder, JobRecord, JobResult, JobStore, ReceivedInput } from "../job-store.ts";
import { overLimit } from "../../errors/failures.ts";
import { UploadRoom, type RoomLimits } from "../space-reservation.ts";
import { removeFiles } from "./job-sweeper.ts";
import { ORDER_COLUMNS, orderValues, recordOfSameOrder, toRecord } from "../job-row.ts";
import { openDatabase, syncLog, transaction } from "./open-database.ts";
import { OWNER } from "./owner.ts";
import { segmentList, Spool } from "./spool.ts";
import { assertPlaceFree, SqliteRoom } from "./sqlite-reservations.ts";

/** Bounds of what a store takes. */
interface JobLimits extends RoomLimits {
  /** Bytes of one input. */
  readonly maxInputBytes: number;
  /** How long an ended job is kept, in milliseconds. */
  readonly keepMs: number;
}

const count = z.object({ queued: z.int() });
const finished = z.object({ output_bytes: z.int(), segments: z.string() });

/** Jobs in a SQLite database, their inputs and results in files beside it; other processes may use both at once. */
export class SqliteJobStore implements JobStore {
  readonly #dataDir: string;
  readonly #database: DatabaseSync;
  readonly #spool: Spool;
  readonly #limits: JobLimits;
  readonly #room: SqliteRoom;

  private constructor(dataDir: string, database: DatabaseSync, limits: JobLimits) {
    this.#dataDir = dataDir;
    this.#database = database;
    this.#limits = limits;
    this.#room = new SqliteRoom(database, OWNER, limits.maxBytes);
    this.#spool = new Spool(dataDir);
  }

  static async open(dataDir: string, limits: JobLimits): Promise<SqliteJobStore> {
    // Nothing here waits for the disk on the thread of the requests.
    return new SqliteJobStore(dataDir, await openDatabase(dataDir, { checkpoints: false }), limits);
  }

  async admit(): Promise<void> {
    assertPlaceFree(this.#database, this.#limits);
  }

  async receive(
    source: AsyncIterable<Uint8Array>,
    declared: number | undefined,
  ): Promise<ReceivedInput> {
    const id = randomUUID();
    const hash = createHash("sha256");
    const room = new UploadRoom((length) => this.#room.reserve(id, length), this.#limits);
    let bytes = 0;
    const take = async (piece: Uint8Array) => {
      bytes += piece.byteLength;
      if (bytes > this.#limits.maxInputBytes) {
        throw overLimit("file", this.#limits.maxInputBytes);
      }
      await room.cover(bytes);
      hash.update(piece);
    };
    try {
      if (declared !== undefined) await room.reserve(declared);
      await this.#spool.writeInput(id, source, take);
    } catch (error) {
      await this.#forget(id).catch(() => {});
      throw asUnavailable(error);
    }
    return { id, bytes, sha256: hash.digest("hex") };
  }

  discard({ id }: ReceivedInput): Promise<void> {
    return this.#forget(id);
  }

  /** Removes an upload and then gives back what it had reserved. */
  async #forget(id: string): Promise<void> {
    await this.#spool.remove(id);
    this.#room.release(id);
  }

  async create(input: ReceivedInput, order: JobOrder): Promise<JobRecord> {
    try {
      const job = transaction(
        this.#database,
        () => this.#sameOrder(order) ?? this.#insert(input, order),
      );
      if (job.id !== input.id) await this.discard(input);
      else await syncLog(this.#dataDir);
      return job;
    } catch (error) {
      await this.discard(input);
      throw asUnavailable(error);
    }
  }

  /** The job that the same order made before. */
  #sameOrder({ client, idempotency }: JobOrder): JobRecord | undefined {
    if (idempotency === undefined) return undefined;
    const { key } = idempotency;
    this.#database
      .prepare(
        "UPDATE jobs SET idempotency_key = NULL WHERE client = ? AND idempotency_key = ? AND finished_at < ?",
      )
      .run(client, key, this.#oldest());
    const row = this.#database
      .prepare("SELECT * FROM jobs WHERE client = ? AND idempotency_key = ?")
      .get(client, key);
    return row === undefined ? undefined : recordOfSameOrder(row, idempotency);
  }

  #insert(input: ReceivedInput, order: JobOrder): JobRecord {
    assertPlaceFree(this.#database, this.#limits);
    this.#room.release(input.id);
    const row = this.#database
      .prepare(
        `INSERT INTO jobs (${ORDER_COLUMNS}, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
      )
      .get(...orderValues(input, order), Date.now());
    return toRecord(row);
  }

  #oldest(): number {
    return Date.now() - this.#limits.keepMs;
  }

  async queued(): Promise<number> {
    const statement = this.#database.prepare(
      "SELECT count(*) AS queued FROM jobs WHERE status = 'queued'",
    );
    return count.parse(statement.get()).queued;
  }

  async get(id: string, client: string): Promise<JobRecord | undefined> {
    const row = this.#database
      .prepare(
        "SELECT * FROM jobs WHERE id = ? AND client = ? AND coalesce(finished_at >= ?, TRUE)",
      )
      .get(id, client, this.#oldest());
    return row === undefined ? undefined : toRecord(row);
  }

  async cancel(id: string, client: string): Promise<JobRecord | undefined> {
    const cancelled = this.#database
      .prepare(
        `UPDATE jobs SET status = 'cancelled', error = NULL, finished_at = ?, revision = revision + 1
         WHERE id = ? AND client = ? AND status IN ('queued', 'running') RETURNING *`,
      )
      .get(Date.now(), id, client);
    if (cancelled === undefined) return this.get(id, client);
    await syncLog(this.#dataDir);
    await removeFiles(this.#database, this.#spool, id);
    return toRecord(cancelled);
  }

  async result(id: string): Promise<JobResult> {
    const row = this.#database.prepare("SELECT * FROM jobs WHERE id = ?").get(id);
    const { output_bytes, segments } = finished.parse(row);
    const list = segmentList.parse(JSON.parse(segments));
    return { bytes: output_bytes, stream: this.#spool.readResult(id, list) };
  }

  close(): void {
    this.#database.close();
  }
}
