import type { Failure } from "../failure.ts";

/** Rows `from` to before `to` of what is to be sent. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
}

/** Why nothing is sent for a while. */
export interface Waiting {
  readonly failure: Failure;
  /** When the next attempt is due, in milliseconds since the epoch. */
  readonly retryAt: number;
}

interface SendOptions<T> {
  readonly chunks: readonly Chunk[];
  readonly send: (chunk: Chunk, signal: AbortSignal) => Promise<T>;
  /** Called once for each chunk that was answered. */
  readonly record: (chunk: Chunk, answer: T) => void;
  readonly readFailure: (error: unknown) => Failure;
  /** Told when sending stops for a while, and with `null` when it goes on. */
  readonly onWaiting: (waiting: Waiting | null) => void;
  readonly signal: AbortSignal;
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Chunks under way at once. */
const IN_FLIGHT = 2;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

const PASSING: ReadonlySet<Failure["kind"]> = new Set(["down", "unavailable", "rate_limited"]);

/** Milliseconds until attempt `attempt` (1 is the first repetition): doubling, or what the server asks. */
export function retryDelay(attempt: number, { retryAfter }: Pick<Failure, "retryAfter">): number {
  const doubling = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
  return retryAfter === null ? doubling : Math.max(doubling, retryAfter * 1000);
}

/**
 * Sends chunks in their order, at most two at once; what passes (no answer, a full server, a quota)
 * is tried again, anything else rejects with what was thrown. Rejects when `signal` aborts.
 */
export async function sendChunks<T>(options: SendOptions<T>): Promise<void> {
  const { chunks, send, record, readFailure, onWaiting, signal, pause } = options;
  const stop = new AbortController();
  const own = AbortSignal.any([signal, stop.signal]);
  const queue = chunks.values();
  let waiting = 0;

  const deliver = async (chunk: Chunk) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await send(chunk, own);
        own.throwIfAborted();
        if (attempt > 1) waiting -= 1;
        if (waiting === 0) onWaiting(null);
        return record(chunk, answer);
      } catch (error) {
        own.throwIfAborted();
        const failure = readFailure(error);
        if (!PASSING.has(failure.kind)) throw error;
        if (attempt === 1) waiting += 1;
        const delay = retryDelay(attempt, failure);
        onWaiting({ failure, retryAt: Date.now() + delay });
        await pause(delay, own);
      }
    }
  };
  const lane = async () => {
    for (const chunk of queue) await deliver(chunk);
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  } finally {
    // One lane that failed stops the other.
    stop.abort();
  }
}
