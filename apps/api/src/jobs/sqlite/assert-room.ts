import type { DatabaseSync } from "node:sqlite";
import type { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import * as z from "zod";

/** What may be kept at most. */
export interface RoomLimits {
  /** Jobs that wait. */
  readonly maxQueued: number;
  /** Bytes of all inputs and results. */
  readonly maxBytes: number;
}

/** Longest wait that a refused client is told, in seconds. */
const MAX_WAIT_S = 300;

const load = z.object({ queued: z.int(), bytes: z.int(), seconds: z.number() });

function refusal(message: string, retryS: number): SepalError {
  return unavailable(message, { reason: "jobs_full", retryS });
}

/** Fails with `unavailable` where a further job would be one too many. */
export function assertRoom(database: DatabaseSync, { maxQueued, maxBytes }: RoomLimits): void {
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
  const { queued, bytes, seconds } = load.parse(row);
  // A place comes free when the next job ends, disk space when the oldest result expires.
  const wait = Math.min(MAX_WAIT_S, Math.max(1, Math.ceil(seconds)));
  if (queued >= maxQueued) throw refusal("the queue of jobs is full", wait);
  if (bytes >= maxBytes) throw refusal("the jobs that are kept fill their disk space", MAX_WAIT_S);
}
