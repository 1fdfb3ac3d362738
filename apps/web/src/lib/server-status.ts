import type { Health } from "@sepal/schema/health";

/** A server that responds; its model may not be ready. */
interface Responding {
  readonly state: "ready" | "not_ready";
  readonly health: Health;
}

/** A server that does not respond. */
interface Down {
  readonly state: "down";
  /** Failed attempts in a row. */
  readonly failures: number;
  /** When the next attempt is due, in milliseconds since the epoch. */
  readonly retryAt: number;
}

/** What the playground knows of the inference server. */
export type ServerStatus = Responding | Down;

/** The browser itself has no connection, so nothing can be said of the server. */
export interface Offline {
  readonly state: "offline";
}

const STEADY_MS = 5000;
const NOT_READY_MS = 2000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 16_000;

/** Milliseconds until the status is polled again: doubling while the server is down. */
export function nextPoll(status: ServerStatus | undefined): number {
  if (status?.state === "down") {
    return Math.min(FIRST_RETRY_MS * 2 ** (status.failures - 1), LONGEST_RETRY_MS);
  }
  return status?.state === "not_ready" ? NOT_READY_MS : STEADY_MS;
}

function down(previous: ServerStatus | undefined, now: number): Down {
  const failures = previous?.state === "down" ? previous.failures + 1 : 1;
  const status: Down = { state: "down", failures, retryAt: now };
  return { ...status, retryAt: now + nextPoll(status) };
}

/** Asks `/health` (its full address or path) once; never rejects except when aborted. */
export async function fetchServerStatus(
  url: string,
  previous?: ServerStatus,
  signal?: AbortSignal,
): Promise<ServerStatus> {
  try {
    const timeout = AbortSignal.timeout(4000);
    const response = await fetch(url, {
      cache: "no-store",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (response.status !== 200 && response.status !== 503) return down(previous, Date.now());
    const health: Health = await response.json();
    return { state: health.model_loaded ? "ready" : "not_ready", health };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return down(previous, Date.now());
  }
}
