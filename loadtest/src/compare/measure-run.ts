import { runClosedLoad } from "../harness/closed-loop.ts";
import { wrkClient, type LoadResult } from "../harness/load-generators.ts";
import { runLoad, type Sample } from "../harness/measure.ts";
import { usageOf, waitedSecondsOf } from "../harness/host.ts";
import type { PeerServer } from "../harness/servers.ts";
import { mebibytes } from "../harness/statistics.ts";
import type { Conditions, Places } from "./conditions.ts";

/** A measured run, as the bench has them, and how the server's core was shared meanwhile. */
export interface RunSample extends Sample {
  /** 1 when its side was loaded first in this pair. */
  readonly position: number;
  /** Share of the time that the server's main thread wanted its core and somebody else had it. */
  readonly serverWaited: number | null;
}

/** A closed loop of one target. */
export interface RunLoad {
  readonly url: string;
  readonly bodies: string;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

interface Reading {
  readonly usage: ReturnType<typeof usageOf>;
  readonly waited: number | null;
}

type Measured = LoadResult & { readonly clientCpu: number | null };

/**
 * Loads a server and reads what that cost it. The own generator opens its connections and warms the
 * server up before the clock and the CPU are read; wrk connects while both run.
 */
export async function measureRun(
  server: PeerServer,
  { warmUpSeconds, seconds, ...load }: RunLoad,
  { generator, requestsBefore }: Conditions,
  places: Places,
): Promise<Omit<RunSample, "peer" | "workload" | "round" | "position">> {
  const read = (): Reading => ({
    usage: usageOf(server.pid),
    waited: waitedSecondsOf(server.pid),
  });
  const own = { ...load, warmUpSeconds, warmUpRequests: requestsBefore };
  const timed = generator === "own" ? { ...own, seconds } : { ...own, seconds: 0 };
  let { before, result, after }: { before: Reading; result: Measured; after: Reading } =
    await runClosedLoad(timed, places.client, read);
  if (generator === "wrk") {
    before = read();
    result = await runLoad(wrkClient, { ...load, seconds }, places.client);
    after = read();
  }
  server.forgetOutput();
  const cpu = before.usage && after.usage && after.usage.cpuSeconds - before.usage.cpuSeconds;
  const waited =
    before.waited === null || after.waited === null ? null : after.waited - before.waited;
  const { requests, seconds: took, ...seen } = result;
  return {
    ...seen,
    client: generator,
    requests,
    requestsPerSecond: requests / took,
    serverCpuMicros: cpu === null || requests === 0 ? null : (cpu * 1e6) / requests,
    serverCpu: cpu === null ? null : cpu / took,
    serverWaited: waited === null ? null : waited / took,
    residentMb: after.usage && mebibytes(after.usage.residentBytes),
  };
}
