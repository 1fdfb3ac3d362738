import type { DatabaseSync } from "node:sqlite";
import { assertFits, load, type RoomLimits } from "../room.ts";

/** Fails with `unavailable` where a further job would be one too many. */
export function assertRoom(database: DatabaseSync, limits: RoomLimits): void {
  const row = database
    .prepare(
      `SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
         coalesce(sum(input_bytes + output_bytes), 0) AS bytes,
         (SELECT coalesce(avg(finished_at - started_at), 1000) / 1000.0 FROM
           (SELECT * FROM jobs WHERE status = 'succeeded' ORDER BY finished_at DESC LIMIT 20)
         ) AS seconds
       FROM jobs`,
    )
    .get();
  assertFits(load.parse(row), limits);
}
