import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { defineExperiment, PORT } from "../experiment.ts";
import { CLOSED_LOOP_NAME, runClosedLoad } from "../harness/closed-loop.ts";
import { readRequests } from "../harness/connections.ts";
import { keepOwnProcessOn, planCores, planPinning, type Cores } from "../harness/host.ts";
import { errorCount } from "../harness/measure.ts";
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
  figure: "longest first response of the connections that open and send at once",
  must: 250,
  aim: 60,
  better: "lower",
  text: (value) => `${value.toFixed(0)} ms`,
};

/** Milliseconds from opening all connections at once to the first response on each: the median and the longest. */
async function openAtOnce(url: URL, requests: readonly Uint8Array[], connections: number) {
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
  /** How many connections open at once, in turn. */
  readonly storms: readonly number[];
  readonly client: Cores;
  /** For request bodies; the caller removes it. */
  readonly folder: string;
}

/** A server that is measured. */
interface Subject {
  readonly server: string;
  readonly peer: Peer;
  readonly cores: Cores;
}

/** Starts a server and loads it over connections that are open, then over as many as open at once. */
async function measureStart({ server, peer, cores }: Subject, conditions: Conditions) {
  const { port, duration, connections, storms, client, folder } = conditions;
  const began = performance.now();
  await using started = await startPeer(peer, port, cores);
  const readyMs = performance.now() - began;
  const bodies = writeBodies(folder, peer, { name: "single", rows: ROWS, bodies: BODIES });
  const url = new URL(started.url + peer.endpoint({ rows: ROWS }).path);
  const load = { url: url.href, bodies, connections, seconds: duration };
  const cold = { ...load, warmUpSeconds: 0, warmUpRequests: 0 };
  const { result } = await runClosedLoad(cold, client, () => undefined);
  const { p50, p99, p99BySecond, requests, errors } = result;
  const longest: Record<number, number | null> = {};
  for (const size of storms) {
    longest[size] = (await openAtOnce(url, readRequests(url, bodies), size))?.max ?? null;
  }
  const shown = (value: number | null | undefined) => value?.toFixed(1) ?? "?";
  console.log(
    `${server}: ready in ${Math.round(readyMs)} ms; p99 of each second ${p99BySecond.map(shown).join(", ")} ms; ` +
      `at once ${storms.map((size) => `${size}: ${shown(longest[size])} ms`).join(", ")}`,
  );
  return { server, readyMs, requests, errors, p50, p99, p99BySecond, longest };
}

type Run = Awaited<ReturnType<typeof measureStart>>;
type Figures = ReturnType<typeof figuresOf>;

const ONE_PROCESS = "Sepal";

function figuresOf(runs: readonly Run[], server: string) {
  const own = runs.filter((run) => run.server === server);
  return {
    server,
    runs: own,
    ready: spread(own.map(({ readyMs }) => readyMs)),
    p50: spread(own.map(({ p50 }) => p50)),
    p99: spread(own.map(({ p99 }) => p99)),
  };
}

/** The load of the first seconds after readiness, and connections that open all at once. */
export const freshStart = defineExperiment({
  name: "fresh-start",
  asks: "p99 of each of the first seconds after readiness, and connections that open and send all at once, for one process and two",
  options: {
    duration: [5, "seconds of load from readiness on"],
    connections: [100, "connections"],
    storm: [1000, "connections of the larger storm"],
    repeats: [5, "repeats"],
    port: PORT,
  },
  async run({ duration, connections, storm, repeats, port }) {
    const { server: cores, client, note } = planPinning();
    if (client !== null) keepOwnProcessOn(client);
    const folder = mkdtempSync(`${tmpdir()}/sepal-fresh-`);
    const sepal = peerNamed("sepal-rest");
    const sepalWith = (variables: Readonly<Record<string, string>>): Peer => ({
      ...sepal,
      variables: (at) => ({ ...sepal.variables?.(at), ...variables }),
    });
    const pair = planCores(2);
    const subjects: readonly Subject[] = [
      { server: ONE_PROCESS, peer: sepal, cores },
      { server: "Sepal, two processes", peer: sepalWith({ WORKERS: "2" }), cores: pair.server },
      { server: "Sepal without its warm-up", peer: sepalWith({ WARM_UP_REQUESTS: "0" }), cores },
      { server: "bare node:http", peer: peerNamed("floor"), cores },
    ];
    const storms = [connections, storm];
    const conditions = { port, duration, connections, storms, client, folder };
    const runs: Run[] = [];
    try {
      for (let repeat = 0; repeat < repeats; repeat += 1) {
        for (const subject of subjects) runs.push(await measureStart(subject, conditions));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const figures = subjects.map(({ server }) => figuresOf(runs, server));
    const placement = `${note}; two processes: ${pair.note}`;
    return { runs, figures, placement, generators: [CLOSED_LOOP_NAME] };
  },
  title: () => "The first seconds of a process",
  summary: (_, { duration, connections, storm }) => [
    `Each server starts anew. Once it is ready, ${connections} open connections send for ${duration} s, each the next request when it has its response.`,
    `Then ${connections} and ${storm} more connections open and send at the same time; a process accepts one in each turn of its event loop.`,
  ],
  targets({ figures }, { repeats, connections }) {
    const own = figures.find(({ server }) => server === ONE_PROCESS);
    const grounds = { reason: `median of ${repeats} starts`, distrust: null };
    const storm = spread(own?.runs.map(({ longest }) => longest[connections] ?? null) ?? []);
    return [
      verdictOn(FRESH, own?.p99 ?? null, grounds),
      verdictOn(READY, own?.ready ?? null, grounds),
      verdictOn(STORM, storm, grounds),
    ];
  },
  tables: ({ figures }, { duration, connections, storm }) => [
    table(
      "From the start to the first responses, milliseconds",
      figures,
      [
        ["server", "server", null],
        ["ready", "ready", 0],
        ["p50", "p50", 2],
        ["p99", "p99", 1],
        ...[connections, storm].map(
          (size) =>
            [
              `storm${size}`,
              `${size} at once: longest`,
              0,
              ({ runs }: Figures) => spread(runs.map(({ longest }) => longest[size] ?? null)),
            ] as const,
        ),
        [
          "errors",
          "errors",
          0,
          ({ runs }: Figures) => spread(runs.map(({ errors }) => errorCount(errors))),
        ],
      ],
      "Medians of all starts, extremes in brackets.",
    ),
    table(
      "p99 of each second after readiness, milliseconds",
      figures,
      [
        ["server", "server", null],
        ...Array.from(
          { length: duration },
          (_, second) =>
            [
              `second${second + 1}`,
              `second ${second + 1}`,
              1,
              ({ runs }: Figures) =>
                spread(runs.map(({ p99BySecond }) => p99BySecond[second] ?? null)),
            ] as const,
        ),
      ],
      "Medians of all starts, extremes in brackets. The connections were open before the first second.",
    ),
  ],
  charts: ({ figures }) => [
    bars(
      "p99 of the first seconds",
      "milliseconds",
      figures.map(({ server, p99 }) => ({
        label: server,
        value: p99,
        ...(server !== ONE_PROCESS && { role: "reference" as const }),
      })),
    ),
  ],
});
