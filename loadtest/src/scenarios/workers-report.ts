import type { Client } from "../clients/load.ts";
import { generatorName } from "../servers/machine.ts";
import type { CoresPinning } from "../host/pinning.ts";
import type { Report } from "../report/report.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { flatSample, plainColumns, scenarioReport } from "./scenario-report.ts";
import { errorCount } from "../clients/sample.ts";
import { spread } from "../statistics/statistics.ts";
import { cpuRatio, throughputRatio, workersVerdict, type WorkersRun } from "./workers-verdict.ts";

/** What the experiment may be told. */
export type WorkersOptions = ScenarioOptions<
  "duration" | "connections" | "repeats" | "workers" | "port"
>;

interface Measured {
  readonly runs: readonly WorkersRun[];
  readonly options: WorkersOptions;
  readonly client: Client["name"];
  readonly placement: CoresPinning;
  readonly command: string;
}

const times = (ratio: { readonly median: number } | null) =>
  ratio === null ? "not measured" : `${ratio.median.toFixed(2)}x`;

/** Builds the report of the experiment. */
export function workersReport(measured: Measured): Report {
  const { runs, options, client, placement, command } = measured;
  const values = (workers: number, value: (run: WorkersRun) => number | null) =>
    spread(runs.flatMap((run) => (run.workers === workers ? (value(run) ?? []) : [])));
  const most = options.workers;
  const named = [...new Set(runs.map(({ workers }) => workers))].map((workers) => ({
    workers,
    label: workers === 1 ? "one process" : `${workers} processes`,
  }));
  const spreadColumn = (key: string, label: string, digits: number) =>
    ({ key, label, digits, spread: true }) as const;
  return scenarioReport({
    name: "workers",
    title: `One server process against ${most}`,
    summary: [
      `The same closed loop of ${options.connections} connections on a server with WORKERS=1 and on others with more, up to WORKERS=${most}, in turn; ratios are formed inside each round, medians of ${options.repeats}.`,
      `Throughput ${times(throughputRatio(runs))}, by server CPU a request ${times(cpuRatio(runs))}: what ${most} processes would answer if each had a core to itself.`,
      "CPU a request counts all processes of the server, the primary too. It cannot see waiting for locks or memory that busy cores would share.",
    ],
    command,
    parameters: {
      "seconds a run": options.duration,
      connections: options.connections,
      repeats: options.repeats,
      workers: most,
    },
    placement: placement.note,
    generators: [generatorName(client)],
    verdicts: [workersVerdict(runs, placement.client !== null)],
    tables: [
      {
        title: "Sepal REST, one row a request",
        note: "Medians, extremes in brackets. 100 % is one core.",
        columns: [
          ...plainColumns([["label", "server", null]]),
          spreadColumn("rate", "req/s", 0),
          spreadColumn("cpu", "server CPU µs a request", 1),
          spreadColumn("server", "server CPU %", 0),
          spreadColumn("client", "client CPU %", 0),
          spreadColumn("p99", "p99 ms", 2),
          spreadColumn("memory", "resident MiB", 0),
          spreadColumn("processes", "processes", 0),
          spreadColumn("errors", "errors", 0),
        ],
        rows: named.map(({ workers, label }) => ({
          label,
          rate: values(workers, (run) => run.requestsPerSecond),
          cpu: values(workers, (run) => run.serverCpuMicros),
          server: values(workers, (run) => run.serverCpu && run.serverCpu * 100),
          client: values(workers, (run) => run.clientCpu && run.clientCpu * 100),
          p99: values(workers, (run) => run.p99),
          memory: values(workers, (run) => run.residentMb),
          processes: values(workers, (run) => run.processes),
          errors: values(workers, (run) => errorCount(run.errors)),
        })),
      },
    ],
    charts: [
      {
        kind: "bars",
        title: "Throughput",
        unit: "requests a second, the client on the same cores unless said otherwise below",
        bars: named.map(({ workers, label }) => ({
          label,
          role: workers === most ? "subject" : "reference",
          value: values(workers, (run) => run.requestsPerSecond),
          note: "",
        })),
      },
    ],
    samples: runs.map(flatSample),
  });
}
