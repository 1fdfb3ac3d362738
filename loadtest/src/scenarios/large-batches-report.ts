import type { Client } from "../clients/load.ts";
import { errorCount, type Sample } from "../clients/sample.ts";
import { formatRowRate } from "../report/format-cell.ts";
import type { Report, Verdict } from "../report/report.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";
import { generatorName } from "../servers/machine.ts";
import { spread } from "../statistics/statistics.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { flatSample, plainColumns, scenarioReport } from "./scenario-report.ts";

/** A measured run of a server on so many cores. */
export interface CoresRun extends Omit<Sample, "peer" | "workload"> {
  readonly cores: 1 | 2;
  readonly rowsPerSecond: number;
}

interface Measured {
  readonly runs: readonly CoresRun[];
  readonly options: ScenarioOptions<"duration" | "connections" | "repeats" | "rows">;
  readonly client: Client["name"];
  readonly placement: string;
  readonly command: string;
}

/** Rows of a batch for which the targets are asked. */
const ASKED_ROWS = 10_000;

const target = (cores: string, must: number, aim: number): Target => {
  return { figure: `rows a second, ${cores}`, must, aim, better: "higher", text: formatRowRate };
};
const TARGETS = {
  1: target("one core", 400_000, 600_000),
  2: target("two cores", 550_000, 900_000),
} as const;

const CORES = [1, 2] as const;

/** Judges the runs on so many cores. */
export function coresVerdict(runs: readonly CoresRun[], cores: 1 | 2, rows: number): Verdict {
  const own = runs.filter((run) => run.cores === cores);
  const failed = own.reduce((sum, { errors }) => sum + errorCount(errors), 0);
  const small = rows < ASKED_ROWS ? `only ${rows} rows a batch` : null;
  return verdictOn(TARGETS[cores], spread(own.map(({ rowsPerSecond }) => rowsPerSecond)), {
    reason: `median of ${own.length}`,
    distrust: failed > 0 ? `${failed} requests failed` : small,
  });
}

/** Builds the report of the experiment. */
export function largeBatchesReport(measured: Measured): Report {
  const { runs, options, client, placement, command } = measured;
  const { rows, duration, connections, repeats } = options;
  const label = (cores: 1 | 2) => (cores === 1 ? "one core" : "two cores");
  return scenarioReport({
    name: "large-batches",
    title: `Batches of ${rows.toLocaleString("en-US")} rows on one core and on two`,
    summary: [
      `A closed loop of ${connections} connections on a server that has one core and one thread for large batches, and on one that has two of each, in turn, each time a fresh process; medians of ${repeats}.`,
      "Where the machine has no third core, the client takes its share from the server's two.",
    ],
    command,
    parameters: { "rows a batch": rows, "seconds a run": duration, connections, repeats },
    placement,
    generators: [generatorName(client)],
    verdicts: CORES.map((cores) => coresVerdict(runs, cores, rows)),
    tables: [
      {
        title: "Runs in the order they ran",
        note: "100 % is one core.",
        columns: plainColumns([
          ["round", "round", 0],
          ["label", "server", null],
          ["rate", "rows/s", 0],
          ["p50", "p50 ms", 1],
          ["server", "server CPU %", 0],
          ["client", "client CPU %", 0],
          ["memory", "resident MiB", 0],
        ]),
        rows: runs.map((run) => ({
          round: run.round,
          label: label(run.cores),
          rate: run.rowsPerSecond,
          p50: run.p50,
          server: run.serverCpu === null ? null : run.serverCpu * 100,
          client: run.clientCpu === null ? null : run.clientCpu * 100,
          memory: run.residentMb,
        })),
      },
    ],
    charts: [
      {
        kind: "bars",
        title: "Throughput",
        unit: "rows/s",
        bars: CORES.map((cores) => ({
          label: label(cores),
          role: "subject",
          value: spread(runs.flatMap((run) => (run.cores === cores ? run.rowsPerSecond : []))),
          note: "",
        })),
      },
    ],
    samples: runs.map((run) => flatSample(run)),
  });
}
