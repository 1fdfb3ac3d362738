import type { Latencies, LoadErrors } from "./load.ts";

/** One measured run: one peer, one workload, one client, one round. */
export interface Sample extends Latencies {
  readonly peer: string;
  readonly workload: string;
  readonly client: string;
  readonly round: number;
  /** Answers with a 2xx status. */
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly errors: LoadErrors;
  /** User and system time of the server's processes a request, in microseconds. */
  readonly serverCpuMicros: number | null;
  /** Share of a core the server used; well below 1 under load, somebody else had its core. */
  readonly serverCpu: number | null;
  /** Resident memory of the server's processes at the end, in MiB. */
  readonly residentMb: number | null;
  /** Share of a core the client used; near 1 the client, not the server, sets the figure. */
  readonly clientCpu: number | null;
}

/** Errors of a run, added up. */
export function errorCount({ non2xx, sockets, timeouts }: LoadErrors): number {
  return non2xx + sockets + timeouts;
}
