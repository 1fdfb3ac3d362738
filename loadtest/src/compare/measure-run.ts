import { runClosedLoad } from "../harness/closed-loop.ts";
import { wrkClient, type LoadResult } from "../harness/load-generators.ts";
import { runLoad, type Sample } from "../harness/measure.ts";
import { usageOf, waitedSecondsOf } from "../harness/host.ts";
import type { PeerServer } from "../harness/servers.ts";
import { mebibytes, medianOf } from "../harness/statistics.ts";
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

/** What a turn gave; the seconds are those of the server's CPU, of its waiting for a core, and of the clock. */
export interface Turn extends Measured {
  readonly cpuSeconds: number | null;
  readonly waitedSeconds: number | null;
  readonly residentBytes: number | null;
}

/**
 * Loads a server and reads what that cost it. The own generator opens its connections and warms the
 * server up before the clock and the CPU are read; wrk connects while both run.
 */
export async function measureRun(
  server: PeerServer,
  { warmUpSeconds, seconds, ...load }: RunLoad,
  { generator, requestsBefore }: Conditions,
  places: Places,
): Promise<Turn> {
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
  return {
    ...result,
    cpuSeconds: before.usage && after.usage && after.usage.cpuSeconds - before.usage.cpuSeconds,
    waitedSeconds:
      before.waited === null || after.waited === null ? null : after.waited - before.waited,
    residentBytes: after.usage && after.usage.residentBytes,
  };
}

/** The turns of one side as one run: CPU and requests are added up, of percentiles it is the median. */
export function joinTurns(
  turns: readonly Turn[],
  client: Conditions["generator"],
): Omit<RunSample, "peer" | "workload" | "round" | "position"> {
  const sum = (of: (turn: Turn) => number | null) =>
    turns.reduce<number | null>((total, turn) => {
      const value = of(turn);
      return total === null || value === null ? null : total + value;
    }, 0);
  const median = (of: (turn: Turn) => number | null) =>
    medianOf(turns.flatMap((turn) => of(turn) ?? []));
  const requests = sum((turn) => turn.requests) ?? 0;
  const seconds = sum((turn) => turn.seconds) ?? 0;
  const cpu = sum(({ cpuSeconds }) => cpuSeconds);
  const waited = sum(({ waitedSeconds }) => waitedSeconds);
  const resident = turns.at(-1)?.residentBytes ?? null;
  return {
    client,
    requests,
    requestsPerSecond: requests / seconds,
    p50: median(({ p50 }) => p50),
    p90: median(({ p90 }) => p90),
    p95: median(({ p95 }) => p95),
    p99: median(({ p99 }) => p99),
    p999: median(({ p999 }) => p999),
    errors: {
      non2xx: sum(({ errors }) => errors.non2xx) ?? 0,
      sockets: sum(({ errors }) => errors.sockets) ?? 0,
      timeouts: sum(({ errors }) => errors.timeouts) ?? 0,
    },
    clientCpu: median(({ clientCpu }) => clientCpu),
    serverCpuMicros: cpu === null || requests === 0 ? null : (cpu * 1e6) / requests,
    serverCpu: cpu === null ? null : cpu / seconds,
    serverWaited: waited === null ? null : waited / seconds,
    residentMb: resident && mebibytes(resident),
  };
}
