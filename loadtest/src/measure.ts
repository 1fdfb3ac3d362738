import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { watchClient } from "./client-usage.ts";
import type { Client, Load, LoadResult } from "./load.ts";
import type { PeerServer } from "./peer-server.ts";
import { pinned } from "./pinning.ts";
import { usageOf } from "./process-usage.ts";
import type { Sample } from "./sample.ts";

interface ClientRun extends LoadResult {
  readonly clientCpu: number | null;
}

/** Runs a load from a process of its own on a core; throws with its output when it fails. */
export async function runLoad(client: Client, load: Load, core: number | null): Promise<ClientRun> {
  const [program = "", ...args] = pinned(core, client.command(load));
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const watch = watchClient(child.pid ?? 0);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  try {
    const [code, output, problems] = await Promise.all([
      closed,
      text(child.stdout),
      text(child.stderr),
    ]);
    if (code !== 0) throw new Error(`${client.name} failed: ${problems.trim().slice(-200)}`);
    return { ...client.result(output), clientCpu: watch.stop() };
  } finally {
    watch.stop();
  }
}

/** Loads a running server and reads what that cost it. */
export async function measure(
  server: PeerServer,
  client: Client,
  load: Load,
  core: number | null,
): Promise<Omit<Sample, "peer" | "workload" | "round">> {
  const before = usageOf(server.pid);
  const { requests, seconds, clientCpu, ...run } = await runLoad(client, load, core);
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
    residentMb: after && after.residentBytes / 2 ** 20,
    clientCpu,
  };
}
