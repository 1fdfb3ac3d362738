/** A closed-loop load: each connection sends its next request when its last one is answered. */
export interface Load {
  /** Address with the path. */
  readonly url: string;
  /** File of JSON bodies, one a line. */
  readonly bodies: string;
  readonly connections: number;
  readonly seconds: number;
}

/** What went wrong; a run with any is marked in the report. */
export interface LoadErrors {
  readonly non2xx: number;
  /** Connections refused, reset or closed under a request. */
  readonly sockets: number;
  readonly timeouts: number;
}

/**
 * Percentiles in milliseconds, null where too few were made to tell: of the answered requests, and with autocannon of
 * those given up too, with the time they were waited for.
 */
export interface Latencies {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

/** What a client saw. */
export interface LoadResult extends Latencies {
  /** Answers with a 2xx status. */
  readonly requests: number;
  /** Time the load really took. */
  readonly seconds: number;
  readonly errors: LoadErrors;
}

/** Seconds after which an unanswered request counts as a timeout. */
export const REQUEST_TIMEOUT_S = 30;

/** A load generator, run as a process of its own. */
export interface Client {
  readonly name: "autocannon" | "wrk";
  /** The command that runs a load and prints its result as the last line of JSON. */
  command(load: Load): string[];
  /** Reads what the command printed. */
  result(output: string): LoadResult;
}
