import { checkPredictions } from "../harness/golden-rows.ts";
import { runClosedLoad } from "../harness/closed-loop.ts";
import {
  allowedCores,
  freePort,
  spin,
  usageOf,
  waitedSecondsOf,
  type Cores,
  type Pinning,
} from "../harness/host.ts";
import { wrkClient, type LoadResult } from "../harness/load-generators.ts";
import { errorCount, runLoad, type Sample } from "../harness/measure.ts";
import { writeBodies } from "../harness/request-bodies.ts";
import { startPeer, type LogSink, type PeerServer } from "../harness/servers.ts";
import { mebibytes, medianOf } from "../harness/statistics.ts";
import type { CallTarget } from "./call-targets.ts";
import { peerAt, type Side } from "./sides.ts";

/** How both servers of a pair run and are loaded. */
export interface Conditions {
  readonly log: LogSink;
  /** Whether server and client have a core each. */
  readonly pinned: boolean;
  /** Whether the other server is up, and idle, while one is loaded. */
  readonly together: boolean;
  /** Whether a program that never waits runs on the server's core, as on a machine that others use. */
  readonly busyCore: boolean;
  /** Requests that each server gets before it is measured, beside the seconds of warm-up. */
  readonly requestsBefore: number;
  readonly generator: "own" | "wrk";
}

/** Cores of the two ends; null where they cannot be read. */
export interface Places {
  readonly server: Cores;
  readonly client: Cores;
}

/** Where a pair runs. To be called before this process keeps itself to a core. */
export function planPlaces(pinning: Pinning): (conditions: Conditions) => Places {
  if (pinning.server === null) return () => ({ server: null, client: null });
  const all = allowedCores();
  return ({ pinned }) => (pinned ? pinning : { server: all, client: all });
}

/** A measured run, as the bench has them, and how the server's core was shared meanwhile. */
export interface RunSample extends Sample {
  /** 1 when its side was loaded first in this pair. */
  readonly position: number;
  /** Share of the time that the server's main thread wanted its core and another process had it. */
  readonly serverWaited: number | null;
}

/** A closed loop of one target. */
interface RunLoad {
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
interface Turn extends Measured {
  readonly cpuSeconds: number | null;
  readonly waitedSeconds: number | null;
  readonly residentBytes: number | null;
}

/**
 * Loads a server and reads what that cost it. The own generator opens its connections and warms the
 * server up before the clock and the CPU are read; wrk connects while both run.
 */
async function measureRun(
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
function joinTurns(
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

/** What is measured, and for how long. */
export interface PairSetup {
  readonly targets: readonly CallTarget[];
  readonly conditions: Conditions;
  readonly places: Places;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** How often the sides take turns in those seconds. */
  readonly turns: number;
  /** For request bodies; the caller removes it. */
  readonly folder: string;
}

/** Different bodies that the connections go through, as the bench has them. */
const BODIES = 256;

/** Load before each further turn, for the connections and the caches of the processor. */
const TURN_WARM_UP_SECONDS = 0.1;

type Order = readonly [Side, Side];

/** Starts some of the sides, then loads one after the other, target by target. */
async function visit(
  started: readonly Side[],
  order: Order,
  round: number,
  setup: PairSetup,
  missing: Map<string, string>,
): Promise<RunSample[]> {
  const { conditions, places, connections, warmUpSeconds, seconds } = setup;
  const samples: RunSample[] = [];
  await using servers = new AsyncDisposableStack();
  if (conditions.busyCore) servers.use(spin(places.server));
  const running = [];
  for (const side of started) {
    const server = await startPeer(side.peer, await freePort(), places.server, conditions.log);
    running.push({ side, server: servers.use(server) });
  }
  for (const target of setup.targets) {
    for (const { side, server } of running) {
      const wrong = await checkPredictions(peerAt(side, target), server.url, target.rows);
      if (wrong !== null) missing.set(target.name, `${side.name}: ${wrong}`);
    }
    if (missing.has(target.name)) continue;
    const turns = new Map(running.map(({ side }) => [side, [] as Turn[]]));
    for (let turn = 0; turn < setup.turns; turn += 1) {
      // The side that was last is next: a machine that gets slower does so for both.
      const sides = turn % 2 === 0 ? running : running.toReversed();
      for (const { side, server } of sides) {
        const peer = peerAt(side, target);
        const workload = { name: target.name, rows: target.rows, bodies: BODIES };
        const load = {
          url: server.url + peer.endpoint(target).path,
          bodies: writeBodies(setup.folder, peer, workload),
          connections,
          warmUpSeconds: turn === 0 ? warmUpSeconds : TURN_WARM_UP_SECONDS,
          seconds: seconds / setup.turns,
        };
        const before = turn === 0 ? conditions.requestsBefore : 0;
        const run = await measureRun(
          server,
          load,
          { ...conditions, requestsBefore: before },
          places,
        );
        turns.get(side)?.push(run);
      }
    }
    for (const [side, taken] of turns) {
      const run = joinTurns(taken, conditions.generator);
      const position = order.indexOf(side) + 1;
      samples.push({ peer: side.name, workload: target.name, round, position, ...run });
      const failures = errorCount(run.errors);
      console.log(
        `pair ${round}  ${side.name}  ${target.name}: ${run.serverCpuMicros?.toFixed(1) ?? "?"} µs, ` +
          `${Math.round(run.requestsPerSecond)} req/s, p99 ${run.p99?.toFixed(1) ?? "?"} ms` +
          (failures > 0 ? `, ${failures} ERRORS` : ""),
      );
    }
  }
  return samples;
}

/**
 * Measures both sides once, each in a fresh process; the first of `order` is started and loaded first.
 * A target that a side does not serve goes into `missing` and is left out from then on.
 */
export async function measurePair(
  order: Order,
  round: number,
  setup: PairSetup,
  missing: Map<string, string>,
): Promise<RunSample[]> {
  if (setup.conditions.together) return visit(order, order, round, setup, missing);
  const samples: RunSample[] = [];
  for (const side of order) samples.push(...(await visit([side], order, round, setup, missing)));
  return samples;
}
