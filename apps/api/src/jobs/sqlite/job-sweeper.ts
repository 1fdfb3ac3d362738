import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import type { Spool } from "./spool.ts";

/** Age from which files of no job are removed, in milliseconds: an upload writes all the time. */
const ORPHAN_MS = 600_000;

/** How often they are looked for, in milliseconds. */
const ORPHAN_LOOK_MS = 60_000;

const idRow = z.object({ id: z.string() });

/** Removes what nobody needs any more. */
export class JobSweeper {
  readonly #database: DatabaseSync;
  readonly #spool: Spool;
  readonly #keepMs: number;
  #lookAt = 0;

  /** `keepMs` is how long an ended job is kept, in milliseconds. */
  constructor(database: DatabaseSync, spool: Spool, keepMs: number) {
    this.#database = database;
    this.#spool = spool;
    this.#keepMs = keepMs;
  }

  /** Removes jobs that ended long ago, and from time to time files that belong to none. */
  async sweep(): Promise<void> {
    const expired = this.#database
      .prepare("SELECT id FROM jobs WHERE finished_at < ?")
      .all(Date.now() - this.#keepMs);
    for (const row of expired) {
      const { id } = idRow.parse(row);
      // The files first: without its row nobody would know that they are to go.
      await this.#spool.remove(id);
      this.#database.prepare("DELETE FROM jobs WHERE id = ?").run(id);
    }
    if (performance.now() < this.#lookAt) return;
    this.#lookAt = performance.now() + ORPHAN_LOOK_MS;
    for (const id of await this.#spool.idle(ORPHAN_MS)) {
      const known = this.#database.prepare("SELECT 1 FROM jobs WHERE id = ?").get(id);
      if (known === undefined) await this.#spool.remove(id);
    }
  }
}
