import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { hasEnded } from "./owner.ts";
import type { Spool } from "./spool.ts";
import type { SqliteRoom } from "./sqlite-reservations.ts";

/** Age from which files of no job are removed, in milliseconds: an upload writes all the time. */
const ORPHAN_MS = 600_000;

/** How often they are looked for, in milliseconds. */
const ORPHAN_LOOK_MS = 60_000;

const idRow = z.object({ id: z.string() });
const endedRow = z.object({ id: z.string(), status: z.string() });

/** Removes the files of an ended job that has no result, and then counts them no more. */
export async function removeFiles(database: DatabaseSync, spool: Spool, id: string): Promise<void> {
  await spool.remove(id);
  database
    .prepare("UPDATE jobs SET input_bytes = 0, output_bytes = 0, segments = '[]' WHERE id = ?")
    .run(id);
  database.prepare("DELETE FROM reservations WHERE id = ?").run(id);
}

/** Removes the input of a job that succeeded, and then counts it no more. */
export async function removeInput(database: DatabaseSync, spool: Spool, id: string): Promise<void> {
  await spool.removeInput(id);
  database.prepare("UPDATE jobs SET input_bytes = 0 WHERE id = ?").run(id);
  database.prepare("DELETE FROM reservations WHERE id = ?").run(id);
}

interface SweepOptions {
  /** Who reserves for this process. */
  readonly owner: string;
  /** How long an ended job is kept, in milliseconds. */
  readonly keepMs: number;
}

/** Removes expired jobs and files without a job. */
export class JobSweeper {
  readonly #database: DatabaseSync;
  readonly #spool: Spool;
  readonly #room: SqliteRoom;
  readonly #options: SweepOptions;
  #lookAt = 0;

  constructor(database: DatabaseSync, spool: Spool, room: SqliteRoom, options: SweepOptions) {
    this.#database = database;
    this.#spool = spool;
    this.#room = room;
    this.#options = options;
  }

  /** Removes jobs that ended long ago, what killed processes left, and from time to time files that belong to no job. */
  async sweep(): Promise<void> {
    await this.#sweepExpired();
    await this.#sweepEnded();
    await this.#sweepUploads();
    if (performance.now() < this.#lookAt) return;
    this.#lookAt = performance.now() + ORPHAN_LOOK_MS;
    for (const id of await this.#spool.idle(ORPHAN_MS)) {
      const known = this.#database.prepare("SELECT 1 FROM jobs WHERE id = ?").get(id);
      if (known === undefined) await this.#forget(id);
    }
  }

  async #forget(id: string): Promise<void> {
    await this.#spool.remove(id);
    this.#room.release(id);
  }

  /** What ended jobs still have: their process was killed, or their runner came to know of the end later. */
  async #sweepEnded(): Promise<void> {
    const left = this.#database
      .prepare(
        `SELECT id, status FROM jobs WHERE finished_at IS NOT NULL
           AND (input_bytes > 0 OR id IN (SELECT id FROM reservations))`,
      )
      .all();
    for (const row of left) {
      const { id, status } = endedRow.parse(row);
      const remove = status === "succeeded" ? removeInput : removeFiles;
      await remove(this.#database, this.#spool, id);
    }
  }

  /** Uploads whose process was killed; what they reserved is free at once. */
  async #sweepUploads(): Promise<void> {
    for (const { id, owner, seen_at } of this.#room.uploads()) {
      const late = Date.now() - seen_at > ORPHAN_MS && !this.#spool.has(id);
      if (late || (owner !== this.#options.owner && hasEnded(owner))) await this.#forget(id);
    }
  }

  async #sweepExpired(): Promise<void> {
    const expired = this.#database
      .prepare("SELECT id FROM jobs WHERE finished_at < ?")
      .all(Date.now() - this.#options.keepMs);
    for (const row of expired) {
      const { id } = idRow.parse(row);
      // The files first: without the row nothing would find them.
      await this.#spool.remove(id);
      this.#database.prepare("DELETE FROM jobs WHERE id = ?").run(id);
    }
  }
}
