import type { Client, Latencies, Load, LoadErrors, LoadResult } from "./load-generators.ts";
import { runChild, usageOf, type Cores } from "./host.ts";
import type { PeerServer } from "./servers.ts";
import { mebibytes } from "./statistics.ts";

/** Use of a core from which on that side limits the figure. */
export const SATURATED = 0.9;

/** One measured run: one peer, one workload, one client, one round. */
export interface Sample extends Latencies {
  readonly peer: string;
  readonly workload: string;
  readonly client: string;
  readonly round: number;
  /** Responses with a 2xx status. */
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly errors: LoadErrors;
  /** User and system time of the server's processes a request, in microseconds. */
  readonly serverCpuMicros: number | null;
  /** Share of a core the server used; well below 1 under load, other programs had its core. */
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

interface ClientRun extends LoadResult {
  readonly clientCpu: number | null;
}

/** Runs a load from a process of its own on its cores; throws with its output when it fails. */
export async function runLoad(client: Client, load: Load, cores: Cores): Promise<ClientRun> {
  const { output, cpu } = await runChild(client.command(load), cores);
  return { ...client.result(output), clientCpu: cpu };
}

/** Loads a running server and measures what that costs it. */
export async function measure(
  server: PeerServer,
  client: Client,
  load: Load,
  cores: Cores,
): Promise<Omit<Sample, "peer" | "workload" | "round">> {
  const before = usageOf(server.pid);
  const { requests, seconds, clientCpu, ...run } = await runLoad(client, load, cores);
  const after = usageOf(server.pid);
  server.forgetOutput();
  const cpuSeconds = before && after ? after.cpuSeconds - before.cpuSeconds : null;
  return {
    client: client.name,
    requests,
    requestsPerSecond: requests / seconds,
    ...run,
    serverCpuMicros: cpuSeconds === null || requests === 0 ? null : (cpuSeconds * 1e6) / requests,
    serverCpu: cpuSeconds === null ? null : cpuSeconds / seconds,
    residentMb: after && mebibytes(after.residentBytes),
    clientCpu,
  };
}
