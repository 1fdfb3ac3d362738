import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import * as z from "zod";

/** What may be kept at most. */
export interface RoomLimits {
  /** Jobs that wait. */
  readonly maxQueued: number;
  /** Bytes of all inputs and results, and of what is reserved for those that grow. */
  readonly maxBytes: number;
}

/** Longest `retry-after` of a rejected client, in seconds. */
const MAX_WAIT_S = 300;

/** Bytes that an upload of unknown length reserves at once. */
const STEP_BYTES = 2 ** 20;

/** Interval of an upload's heartbeat, in milliseconds. */
const SEEN_MS = 30_000;

/** The queue of a store; `seconds` is how long a job took lately. */
export const queueLoad = z.object({ queued: z.int(), seconds: z.number() });

function full(message: string, retryS: number): SepalError {
  return unavailable(message, { reason: "jobs_full", retryS });
}

/** Fails with `unavailable` where a further job would be one too many. */
export function assertPlace(
  { queued, seconds }: z.infer<typeof queueLoad>,
  { maxQueued }: RoomLimits,
): void {
  if (queued < maxQueued) return;
  // A place comes free when the next job ends.
  throw full("the queue of jobs is full", Math.min(MAX_WAIT_S, Math.max(1, Math.ceil(seconds))));
}

/** The failure of a job whose result does not fit beside what is kept. */
export function resultTooLarge(maxBytes: number): SepalError {
  const message = `the result does not fit into the ${maxBytes} bytes of all jobs (JOBS_MAX_BYTES); send the file again once other results have expired, or in parts`;
  return new SepalError("too_large", message);
}

/** Reserves bytes under an id, in place of those it had; whether they fit beside what is kept and reserved. */
type Reserve = (bytes: number) => boolean | Promise<boolean>;

/** Room for an upload, reserved before its bytes are written. */
export class UploadRoom {
  readonly #reserve: Reserve;
  readonly #maxBytes: number;
  #reserved = 0;
  #seen = performance.now();

  constructor(reserve: Reserve, { maxBytes }: RoomLimits) {
    this.#reserve = reserve;
    this.#maxBytes = maxBytes;
  }

  /** Reserves exactly so many bytes; fails with `unavailable` where they do not fit, `too_large` where they never would. */
  async reserve(bytes: number): Promise<void> {
    if (bytes > this.#maxBytes) {
      const message = `the file is larger than the ${this.#maxBytes} bytes that all jobs may have (JOBS_MAX_BYTES)`;
      throw new SepalError("too_large", message);
    }
    if (await this.#take(bytes)) return;
    // Disk space comes free when the oldest result expires.
    throw full("the jobs that are kept fill their disk space (JOBS_MAX_BYTES)", MAX_WAIT_S);
  }

  /** Reserves room for so many bytes, and some ahead where there is room; fails as `reserve` does. */
  async cover(bytes: number): Promise<void> {
    if (bytes > this.#reserved) {
      const ahead = Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
      if (!(await this.#take(ahead))) await this.reserve(bytes);
    } else if (performance.now() - this.#seen > SEEN_MS) await this.#take(this.#reserved);
  }

  async #take(bytes: number): Promise<boolean> {
    this.#seen = performance.now();
    if (bytes > this.#maxBytes || !(await this.#reserve(bytes))) return false;
    this.#reserved = bytes;
    return true;
  }
}
