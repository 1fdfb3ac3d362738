import { errorCount } from "../harness/measure.ts";
import { freePort, spin } from "../harness/host.ts";
import { checkPredictions } from "../harness/golden-rows.ts";
import { startPeer } from "../harness/servers.ts";
import { writeBodies } from "../harness/request-bodies.ts";
import type { CallTarget } from "./call-targets.ts";
import type { Conditions, Places } from "./conditions.ts";
import { joinTurns, measureRun, type RunSample, type Turn } from "./measure-run.ts";
import { peerAt, type Side } from "./sides.ts";

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
      // Who was last is next: a machine that gets slower does so for both.
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
