import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { assertPlace, queueLoad, type RoomLimits } from "../space-reservation.ts";
import { transaction } from "./open-database.ts";

const idRow = z.object({ id: z.string(), owner: z.string(), seen_at: z.int() });

/** Fails with `unavailable` where a further job would be one too many. */
export function assertPlaceFree(database: DatabaseSync, limits: RoomLimits): void {
  const row = database
    .prepare(
      `SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
         (SELECT coalesce(avg(finished_at - started_at), 1000) / 1000.0 FROM
           (SELECT * FROM jobs WHERE status = 'succeeded' ORDER BY finished_at DESC LIMIT 20)
         ) AS seconds
       FROM jobs`,
    )
    .get();
  assertPlace(queueLoad.parse(row), limits);
}

/** Bytes that are about to be written, reserved in the database that all processes share. */
export class SqliteRoom {
  readonly #database: DatabaseSync;
  readonly #owner: string;
  readonly #maxBytes: number;

  constructor(database: DatabaseSync, owner: string, maxBytes: number) {
    this.#database = database;
    this.#owner = owner;
    this.#maxBytes = maxBytes;
  }

  /** Reserves bytes under the id of a job or an upload, in place of those it had; whether they fit. */
  reserve(id: string, bytes: number): boolean {
    return transaction(this.#database, () => {
      const { changes } = this.#database
        .prepare(
          `INSERT INTO reservations (id, owner, bytes, seen_at)
           SELECT $id, $owner, $bytes, $now
           WHERE $bytes + (SELECT coalesce(sum(input_bytes + output_bytes), 0) FROM jobs)
             + (SELECT coalesce(sum(bytes), 0) FROM reservations WHERE id <> $id) <= $most
           ON CONFLICT (id) DO UPDATE
             SET owner = excluded.owner, bytes = excluded.bytes, seen_at = excluded.seen_at`,
        )
        .run({
          $id: id,
          $owner: this.#owner,
          $bytes: bytes,
          $now: Date.now(),
          $most: this.#maxBytes,
        });
      return changes > 0;
    });
  }

  /** Gives back what is reserved under an id. */
  release(id: string): void {
    this.#database.prepare("DELETE FROM reservations WHERE id = ?").run(id);
  }

  /** Reservations of uploads, of which no job was made yet. */
  uploads(): { id: string; owner: string; seen_at: number }[] {
    return this.#database
      .prepare("SELECT * FROM reservations WHERE id NOT IN (SELECT id FROM jobs)")
      .all()
      .map((row) => idRow.parse(row));
  }
}
