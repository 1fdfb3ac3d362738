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

/** What a store holds; `seconds` is how long a job took lately. */
export const load = z.object({ queued: z.int(), bytes: z.int(), seconds: z.number() });

/** Fails with `unavailable` where a further job would be one too many. */
export function assertFits(
  { queued, bytes, seconds }: z.infer<typeof load>,
  { maxQueued, maxBytes }: RoomLimits,
): void {
  // A place comes free when the next job ends, disk space when the oldest result expires.
  const wait = Math.min(MAX_WAIT_S, Math.max(1, Math.ceil(seconds)));
  const full = (message: string, retryS: number) =>
    unavailable(message, { reason: "jobs_full", retryS });
  if (queued >= maxQueued) throw full("the queue of jobs is full", wait);
  if (bytes >= maxBytes) throw full("the jobs that are kept fill their disk space", MAX_WAIT_S);
}
