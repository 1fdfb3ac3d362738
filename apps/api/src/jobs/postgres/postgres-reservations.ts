import { assertPlace, queueLoad, type RoomLimits } from "../space-reservation.ts";
import { firstRow, type Connection, type Database } from "./database.ts";
import { NOW, ROOM_LOCK } from "./tables.ts";

/** Fails with `unavailable` where a further job would be one too many. */
export async function assertPlaceFree(connection: Connection, limits: RoomLimits): Promise<void> {
  const row = await firstRow(
    connection,
    queueLoad,
    `SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
       (SELECT coalesce(avg(finished_at - started_at), 1000)::float8 / 1000 FROM
         (SELECT * FROM sepal.jobs WHERE status = 'succeeded'
          ORDER BY finished_at DESC LIMIT 20) AS latest) AS seconds
     FROM sepal.jobs`,
  );
  if (row !== undefined) assertPlace(row, limits);
}

/** Reserves bytes under the id of an upload or a chunk, in place of those it had; whether they fit beside what all replicas keep. */
export function reserve(
  database: Database,
  id: string,
  bytes: number,
  maxBytes: number,
): Promise<boolean> {
  return database.transaction(async (connection) => {
    await connection.query("SELECT pg_advisory_xact_lock($1)", [ROOM_LOCK]);
    const { rowCount } = await connection.query(
      `INSERT INTO sepal.reservations (id, bytes, seen_at)
       SELECT $1::text, $2::bigint, ${NOW}
       WHERE $2::bigint + (SELECT coalesce(sum(input_bytes + output_bytes), 0) FROM sepal.jobs)
         + (SELECT coalesce(sum(bytes), 0) FROM sepal.reservations WHERE id <> $1::text) <= $3::bigint
       ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes, seen_at = excluded.seen_at`,
      [id, bytes, maxBytes],
    );
    return rowCount !== 0;
  });
}

/** What a chunk of a job reserves under: several are worked on at once. */
export function reservationOf(id: string, chunk: number): string {
  return `${id}/${chunk}`;
}

/** Gives back what is reserved under an id, by the chunks of a job too. */
export async function release(connection: Connection, id: string): Promise<void> {
  await connection.query(
    "DELETE FROM sepal.reservations WHERE id = $1 OR starts_with(id, $1 || '/')",
    [id],
  );
}
