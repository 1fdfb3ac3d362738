import type { Sample } from "../harness/measure.ts";

/** A run of a server without errors, for tests of what is made of runs. */
export function sample(
  peer: string,
  round: number,
  requestsPerSecond: number,
  more: Partial<Sample> = {},
): Sample {
  return {
    peer,
    workload: "single",
    client: "wrk",
    round,
    requests: 1000,
    requestsPerSecond,
    p50: 1,
    p90: 2,
    p95: 3,
    p99: 12,
    p999: 20,
    errors: { non2xx: 0, sockets: 0, timeouts: 0 },
    serverCpuMicros: 20,
    serverCpu: 1,
    residentMb: 100,
    clientCpu: 0.5,
    ...more,
  };
}
