import { runChild } from "../clients/child-run.ts";
import type { Client, Load, LoadResult } from "../clients/load.ts";
import type { PeerServer } from "./peer-server.ts";
import type { Cores } from "../host/pinning.ts";
import { usageOf } from "../host/process-usage.ts";
import type { Sample } from "../clients/sample.ts";
import { mebibytes } from "../statistics/mebibytes.ts";

interface ClientRun extends LoadResult {
  readonly clientCpu: number | null;
}

/** Runs a load from a process of its own on its cores; throws with its output when it fails. */
export async function runLoad(client: Client, load: Load, cores: Cores): Promise<ClientRun> {
  const { output, cpu } = await runChild(client.command(load), cores);
  return { ...client.result(output), clientCpu: cpu };
}

/** Loads a running server and reads what that cost it. */
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
