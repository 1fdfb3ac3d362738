import type { Phase } from "./isolation-phase.ts";
import { isolationVerdicts } from "./isolation-verdicts.ts";
import { failedShare, lateShare, OPEN_LOOP_NAME } from "../clients/offer-load.ts";
import type { BarChart, Report } from "../report/report.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { plainColumns, scenarioReport } from "./scenario-report.ts";
import { spread } from "../statistics/statistics.ts";

/** What the experiment may be told. */
export type IsolationOptions = ScenarioOptions<
  "duration" | "connections" | "rate" | "repeats" | "port"
>;

interface Measured {
  readonly phases: readonly Phase[];
  /** Rows of a batch. */
  readonly rows: number;
  readonly options: IsolationOptions;
  readonly placement: string;
  readonly command: string;
}

const ms = (seconds: number) => seconds * 1000;

function bucketText({ seenByServer }: Phase): string | null {
  if (seenByServer === null) return null;
  const { value, above, upTo } = seenByServer;
  if (upTo === Infinity) return `at least ${ms(above)}`;
  return `${ms(value).toFixed(2)} (${ms(above)}–${ms(upTo)})`;
}

const KINDS = ["alone", "with batches"] as const;

function chart({ phases }: Measured): BarChart {
  return {
    kind: "bars",
    title: "p99 of single predictions",
    unit: "milliseconds, as the client saw them",
    bars: KINDS.map((kind) => {
      const p99s = phases.flatMap((phase) => (phase.kind === kind ? (phase.run?.p99 ?? []) : []));
      return {
        label: kind,
        role: kind === "alone" ? "reference" : "subject",
        value: spread(p99s),
        note: "",
      };
    }),
  };
}

/** Builds the report of the experiment. */
export function isolationReport(measured: Measured): Report {
  const { phases, rows, options, placement, command } = measured;
  const size = rows.toLocaleString("en-US");
  return scenarioReport({
    name: "isolation",
    title: `Single predictions beside batches of ${size} rows`,
    summary: [
      `${options.rate} single predictions a second arrive as a Poisson process, without and with one client that sends batches of ${size} rows without pause, in turn; ratios are formed inside each round.`,
      "Latency counts from the time a request was due.",
      "Where the machine has no cores to spare, the clients share those of the server: the batch client then runs at the lowest priority and discards its answers unread, and the generator of the singles goes before all others where it may, in real time or by its priority, and naps for 50 µs and more between looks at the clock, which its figures contain. What the server's own histogram says stands beside them; it leaves out the time before the server reads a request.",
      "The event-loop delay is the server's own gauge of the longest delay since the last scrape. It looks every 10 ms, so a single delay may be read up to 10 ms short; the longest of many batches is near the truth. The time in which the system gave the core to others counts as delay.",
    ],
    command,
    parameters: {
      "priority of the singles' generator":
        phases.find(({ run }) => run)?.run?.priority ?? "unknown",
      "single predictions a second": options.rate,
      "seconds a phase": options.duration,
      connections: options.connections,
      repeats: options.repeats,
      "rows a batch": rows,
    },
    placement,
    generators: [OPEN_LOOP_NAME],
    verdicts: isolationVerdicts(phases, rows),
    tables: [
      {
        title: "Phases in the order they ran",
        note: "The server's p99 is interpolated inside the bucket in brackets.",
        columns: plainColumns([
          ["round", "round", 0],
          ["kind", "load", null],
          ["p50", "p50 ms", 2],
          ["p99", "p99 ms", 2],
          ["p999", "p99.9 ms", 2],
          ["server", "p99 ms by the server", null],
          ["late", "late %", 2],
          ["failed", "failed %", 2],
          ["batches", "batches", 0],
          ["loop", "longest event-loop delay ms", 1],
        ]),
        rows: phases.map((phase) => ({
          round: phase.round,
          kind: phase.kind,
          p50: phase.run?.p50 ?? null,
          p99: phase.run?.p99 ?? null,
          p999: phase.run?.p999 ?? null,
          server: bucketText(phase),
          late: phase.run && lateShare(phase.run) * 100,
          failed: phase.run && failedShare(phase.run) * 100,
          batches: phase.batches,
          loop: phase.loopDelay,
        })),
      },
    ],
    charts: [chart(measured)],
    samples: phases.map(({ run, seenByServer, ...phase }) => {
      const { errors, ...seen } = run ?? { errors: {} };
      return Object.assign({ seenByServer: seenByServer?.value ?? null }, phase, seen, errors);
    }),
  });
}
