import { fileURLToPath } from "node:url";
import { onPath } from "./host.ts";
import { percentileOrNull } from "./statistics.ts";

/** A closed-loop load: each connection sends its next request after the response to the last one. */
export interface Load {
  /** Address with the path. */
  readonly url: string;
  /** File of JSON bodies, one a line. */
  readonly bodies: string;
  readonly connections: number;
  readonly seconds: number;
}

/** Failed requests by kind. */
export interface LoadErrors {
  readonly non2xx: number;
  /** Connections refused, reset or closed under a request. */
  readonly sockets: number;
  readonly timeouts: number;
}

/**
 * Percentiles in milliseconds, null with too few requests: of those with a response, and with autocannon of
 * those given up too, with the time waited for them.
 */
export interface Latencies {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

/** What a client measured. */
export interface LoadResult extends Latencies {
  /** Responses with a 2xx status. */
  readonly requests: number;
  /** Time the load took. */
  readonly seconds: number;
  readonly errors: LoadErrors;
}

/** Seconds after which a request without a response counts as a timeout. */
export const REQUEST_TIMEOUT_S = 30;

/** A load generator, run as a process of its own. */
export interface Client {
  readonly name: "autocannon" | "wrk";
  /** The command that runs a load and prints its result as the last line of JSON. */
  command(load: Load): string[];
  /** Reads what the command printed. */
  result(output: string): LoadResult;
}

const autocannonProgram = fileURLToPath(new URL("autocannon-process.ts", import.meta.url));

/** autocannon in a process of its own; it saturates its core before a fast server does. */
export const autocannonClient: Client = {
  name: "autocannon",
  command: ({ url, bodies, connections, seconds }) => [
    process.execPath,
    autocannonProgram,
    url,
    bodies,
    String(connections),
    String(seconds),
  ],
  result: (output) => JSON.parse(output.trim().split("\n").at(-1) ?? ""),
};

const wrkScript = fileURLToPath(new URL("../../wrk/post.lua", import.meta.url));

interface WrkResult extends Omit<LoadResult, "requests"> {
  /** All responses, whatever their status. */
  readonly answers: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
}

/** wrk, written in C, on one thread. */
export const wrkClient: Client = {
  name: "wrk",
  command: ({ url, bodies, connections, seconds }) => [
    "wrk",
    "--threads=1",
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--timeout=${REQUEST_TIMEOUT_S}s`,
    `--script=${wrkScript}`,
    url,
    "--",
    bodies,
  ],
  result(output) {
    const { answers, ...printed }: WrkResult = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    return {
      ...printed,
      requests: answers - printed.errors.non2xx,
      p50: percentileOrNull(50, answers, printed.p50),
      p90: percentileOrNull(90, answers, printed.p90),
      p95: percentileOrNull(95, answers, printed.p95),
      p99: percentileOrNull(99, answers, printed.p99),
      p999: percentileOrNull(99.9, answers, printed.p999),
    };
  },
};

/** The generator for closed loops: wrk, which costs least, or autocannon where it is missing. */
export function closedLoopClient(): Client {
  return onPath("wrk", "--version") ? wrkClient : autocannonClient;
}
