import type { LineChart, Report } from "../report/report.ts";
import type { ScenarioOptions } from "../scenarios/scenario-options.ts";
import { plainColumns, scenarioReport } from "../scenarios/scenario-report.ts";
import { soakVerdicts, type Soaked, type SoakWindow } from "./soak-verdicts.ts";
import type { TrafficCounts } from "./traffic.ts";
import { mebibytes } from "../statistics/mebibytes.ts";

/** What the experiment may be told. */
export type SoakOptions = ScenarioOptions<"duration" | "rate" | "connections" | "seed" | "port">;

interface Measured extends Soaked {
  readonly counts: TrafficCounts;
  readonly options: SoakOptions;
  /** How the processes are placed on the cores. */
  readonly placement: string;
  readonly command: string;
}

/** Rows of the table at most; the samples keep all windows. */
const TABLE_ROWS = 20;

const plain = (window: SoakWindow) => ({ ...window });

function chart(
  windows: readonly SoakWindow[],
  [title, unit]: readonly [title: string, unit: string],
  lines: readonly (readonly [name: string, of: (window: SoakWindow) => number])[],
): LineChart {
  return {
    kind: "lines",
    title,
    x: { label: "seconds", scale: "linear" },
    y: { label: unit, scale: "linear" },
    series: lines.map(([name, of], index) => ({
      name,
      role: index === 0 ? "subject" : "other",
      points: windows.map((window) => [window.at, of(window)]),
    })),
    marks: [],
  };
}

/** Builds the report of the experiment. */
export function soakReport(measured: Measured): Report {
  const { windows, counts, options, placement, command } = measured;
  const every = Math.max(1, Math.ceil(windows.length / TABLE_ROWS));
  const shown = windows.filter(
    (_, index) => (index + 1) % every === 0 || index === windows.length - 1,
  );
  return scenarioReport({
    name: "soak",
    title: "Mixed traffic over a long time",
    summary: [
      "Single predictions over REST and tRPC, batches of tRPC calls, batches, files, event streams and bad requests arrive as a Poisson process, while the default model is swapped between three graphs. Every answer is held against the trainer's own answer to its row; every refusal against its status and rule.",
      "Memory is judged by the Theil-Sen slope, the median of the slopes between all pairs of looks: V8 collects late, so memory goes up and down, and single looks say little. The first third is the warm-up. Open files and threads are counted without a client, before and after.",
      "Latency counts from the time a request was due and contains the work of the clients themselves, which read every answer and share one thread.",
    ],
    command,
    parameters: {
      seconds: options.duration,
      "requests a second": options.rate,
      connections: options.connections,
      seed: options.seed,
    },
    placement,
    generators: ["node:http of Node, open loop"],
    verdicts: soakVerdicts(measured),
    tables: [
      {
        title: "Looks at the server",
        note: `Some of ${windows.length} windows; latencies in milliseconds.`,
        columns: plainColumns([
          ["at", "s", 0],
          ["requests", "requests", 0],
          ["wrong", "wrong", 0],
          ["swaps", "swaps", 0],
          ["p50", "p50 ms", 2],
          ["p99", "p99 ms", 2],
          ["cpu", "server CPU %", 0],
          ["resident", "resident MiB", 1],
          ["heap", "heap MiB", 1],
          ["external", "external MiB", 1],
          ["descriptors", "open files", 0],
          ["threads", "threads", 0],
          ["underWay", "under way", 0],
          ["loopP99", "loop p99 ms", 1],
          ["loopMax", "loop max ms", 1],
        ]),
        rows: shown.map((window) =>
          Object.assign(plain(window), {
            cpu: window.cpu * 100,
            resident: mebibytes(window.residentBytes),
            heap: mebibytes(window.heapBytes),
            external: mebibytes(window.externalBytes),
          }),
        ),
      },
      {
        title: "Requests",
        note: null,
        columns: plainColumns([
          ["kind", "kind", null],
          ["sent", "sent", 0],
          ["right", "answered rightly", 0],
        ]),
        rows: Object.entries(counts.sent).map(([kind, sent]) => ({
          kind,
          sent,
          right: counts.right[kind as keyof typeof counts.right],
        })),
      },
    ],
    charts: [
      chart(
        windows,
        ["Memory of the server", "MiB"],
        [
          ["resident", ({ residentBytes }) => mebibytes(residentBytes)],
          ["heap in use", ({ heapBytes }) => mebibytes(heapBytes)],
          ["external", ({ externalBytes }) => mebibytes(externalBytes)],
        ],
      ),
      chart(
        windows,
        ["Latency of single predictions", "milliseconds"],
        [
          ["p50", ({ p50 }) => p50],
          ["p99", ({ p99 }) => p99],
        ],
      ),
      chart(
        windows,
        ["Open files and threads", "count"],
        [
          ["open files", ({ descriptors }) => descriptors],
          ["threads", ({ threads }) => threads],
          ["requests under way", ({ underWay }) => underWay],
        ],
      ),
      chart(
        windows,
        ["Event-loop delay", "milliseconds"],
        [
          ["p99", ({ loopP99 }) => loopP99],
          ["longest", ({ loopMax }) => loopMax],
        ],
      ),
    ],
    samples: windows.map(plain),
  });
}
