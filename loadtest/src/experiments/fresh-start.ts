import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { defineExperiment, PORT } from "../experiment.ts";
import { CLOSED_LOOP_NAME, runClosedLoad } from "../harness/closed-loop.ts";
import { readRequests } from "../harness/connections.ts";
import { keepOwnProcessOn, planPinning, type Cores } from "../harness/host.ts";
import { peerNamed, type Peer } from "../harness/peers.ts";
import { writeBodies } from "../harness/request-bodies.ts";
import { startPeer } from "../harness/servers.ts";
import { spread } from "../harness/statistics.ts";
import { bars, table } from "../report/parts.ts";
import { verdictOn, type Target } from "../report/verdicts.ts";

const ROWS = 1;
/** Different single rows that the connections go through. */
const BODIES = 256;

const FRESH: Target = {
  figure: "p99 of a fresh server, connections opened before",
  must: 12,
  aim: 10,
  better: "lower",
  text: (value) => `${value.toFixed(1)} ms`,
};

const READY: Target = {
  figure: "time from the start to readiness",
  must: 2000,
  aim: 1500,
  better: "lower",
  text: (value) => `${Math.round(value)} ms`,
};

const STORM: Target = {
  figure: "longest first response of connections that open and send at once",
  must: 250,
  aim: 60,
  better: "lower",
  text: (value) => `${value.toFixed(0)} ms`,
};

/** Milliseconds from opening all connections at once to the first response on each. */
async function storm(url: URL, requests: readonly Uint8Array[], connections: number) {
  const start = performance.now();
  const first = (_: unknown, index: number) =>
    new Promise<number>((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname);
      socket.on("error", reject);
      socket.on("connect", () => socket.write(requests[index % requests.length] ?? ""));
      socket.once("data", () => {
        socket.destroy();
        resolve(performance.now() - start);
      });
    });
  return spread(await Promise.all(Array.from({ length: connections }, first)));
}

interface Conditions {
  readonly port: number;
  readonly duration: number;
  readonly connections: number;
  readonly cores: { readonly server: Cores; readonly client: Cores };
  /** For request bodies; the caller removes it. */
  readonly folder: string;
}

/** Starts a server and meets it with connections that are open, then with as many that open at once. */
async function meet(server: string, peer: Peer, conditions: Conditions) {
  const { port, duration, connections, cores, folder } = conditions;
  const began = performance.now();
  await using started = await startPeer(peer, port, cores.server);
  const readyMs = performance.now() - began;
  const bodies = writeBodies(folder, peer, { name: "single", rows: ROWS, bodies: BODIES });
  const url = new URL(started.url + peer.endpoint({ rows: ROWS }).path);
  const load = { url: url.href, bodies, connections, seconds: duration };
  const cold = { ...load, warmUpSeconds: 0, warmUpRequests: 0 };
  const { result } = await runClosedLoad(cold, cores.client, () => undefined);
  const first = await storm(url, readRequests(url, bodies), connections);
  const { p50, p99, requests } = result;
  console.log(
    `${server}: ready in ${Math.round(readyMs)} ms, p99 ${p99?.toFixed(1) ?? "?"} ms, storm ${first?.max.toFixed(0) ?? "?"} ms`,
  );
  return {
    server,
    readyMs,
    requests,
    p50,
    p99,
    stormP50: first?.median ?? null,
    storm: first?.max ?? null,
  };
}

type Run = Awaited<ReturnType<typeof meet>>;

const WARM = "Sepal";

function figuresOf(runs: readonly Run[], server: string) {
  const own = runs.filter((run) => run.server === server);
  return {
    server,
    ready: spread(own.map(({ readyMs }) => readyMs)),
    p50: spread(own.map(({ p50 }) => p50)),
    p99: spread(own.map(({ p99 }) => p99)),
    stormP50: spread(own.map(({ stormP50 }) => stormP50)),
    storm: spread(own.map(({ storm }) => storm)),
  };
}

/** What the first clients of a process meet. */
export const freshStart = defineExperiment({
  name: "fresh-start",
  asks: "what the first clients of a process meet: p99 of the first seconds, and connections that open all at once",
  options: {
    duration: [2, "seconds of load from readiness on"],
    connections: [100, "connections"],
    repeats: [5, "repeats"],
    port: PORT,
  },
  async run({ duration, connections, repeats, port }) {
    const pinning = planPinning();
    if (pinning.client !== null) keepOwnProcessOn(pinning.client);
    const folder = mkdtempSync(`${tmpdir()}/sepal-fresh-`);
    const sepal = peerNamed("sepal-rest");
    const cold = (at: number) => ({ ...sepal.variables?.(at), WARM_UP_REQUESTS: "0" });
    const servers = [
      [WARM, sepal],
      ["Sepal without its warm-up", { ...sepal, variables: cold }],
      ["bare node:http", peerNamed("floor")],
    ] as const;
    const conditions = { port, duration, connections, cores: pinning, folder };
    const runs: Run[] = [];
    try {
      for (let repeat = 0; repeat < repeats; repeat += 1) {
        for (const [name, peer] of servers) runs.push(await meet(name, peer, conditions));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const figures = servers.map(([name]) => figuresOf(runs, name));
    return { runs, figures, placement: pinning.note, generators: [CLOSED_LOOP_NAME] };
  },
  title: () => "The first seconds of a process",
  summary: (_, { duration, connections }) => [
    `Each server starts anew. Once it is ready, ${connections} open connections send for ${duration} s, each the next request when it has its response.`,
    `Then ${connections} more connections open and send at the same time; a process accepts one in each turn of its event loop.`,
  ],
  targets({ figures }, { repeats }) {
    const own = figures.find(({ server }) => server === WARM);
    const grounds = { reason: `median of ${repeats} starts`, distrust: null };
    return [
      verdictOn(FRESH, own?.p99 ?? null, grounds),
      verdictOn(READY, own?.ready ?? null, grounds),
      verdictOn(STORM, own?.storm ?? null, grounds),
    ];
  },
  tables: ({ figures }) => [
    table(
      "From the start to the first responses, milliseconds",
      figures,
      [
        ["server", "server", null],
        ["ready", "ready", 0],
        ["p50", "p50", 2],
        ["p99", "p99", 1],
        ["stormP50", "all at once: median", 0],
        ["storm", "all at once: longest", 0],
      ],
      "Medians of all starts, extremes in brackets.",
    ),
  ],
  charts: ({ figures }) => [
    bars(
      "p99 of the first seconds",
      "milliseconds",
      figures.map(({ server, p99 }) => ({
        label: server,
        value: p99,
        ...(server !== WARM && { role: "reference" as const }),
      })),
    ),
  ],
});
