import type { FileReply } from "../clients/file-client.ts";
import type { Report, Verdict } from "../report/report.ts";
import { plainColumns, scenarioReport } from "./scenario-report.ts";
import { verdictOn } from "../report/verdict-on.ts";
import { spread } from "../statistics/statistics.ts";

/** One file, sent and read in one way. */
export interface FileRun extends FileReply {
  readonly name: string;
  readonly path: string;
  /** Whether the client reads only when everything is sent. */
  readonly readLate: boolean;
  /** Resident memory of the server before any file, and the most it had during this one. */
  readonly idleBytes: number;
  readonly peakBytes: number;
  /** Single predictions meanwhile, in milliseconds each. */
  readonly singles: readonly number[];
  /** 99th percentile of the server's event-loop delay over the last 10 s, in milliseconds. */
  readonly delayMs: number;
}

/** Rows that the memory is promised for. */
const PROMISED_ROWS = 1_000_000;

const TARGET = {
  figure: "most resident memory above idle during a file of a million rows",
  must: 100,
  aim: 60,
  better: "lower" as const,
  text: (value: number) => `${value.toFixed(1)} MB`,
};

const above = ({ peakBytes, idleBytes }: FileRun) => (peakBytes - idleBytes) / 1e6;

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN;
}

/** Judges the run that took most memory. */
export function fileVerdict(runs: readonly FileRun[], rows: number): Verdict {
  const values = runs.map(above);
  const most = Math.max(...values);
  const worst = runs[values.indexOf(most)];
  const short = rows < PROMISED_ROWS ? `only ${rows.toLocaleString("en-US")} rows` : null;
  return verdictOn(TARGET, spread([most]), {
    reason: `${worst?.name}; idle is a server that has taken no file yet`,
    distrust: short,
  });
}

/** Builds the report of the experiment. */
export function fileReport(measured: {
  readonly runs: readonly FileRun[];
  readonly rows: number;
  readonly command: string;
}): Report {
  const { runs, rows, command } = measured;
  const figures = runs.map((run) => ({
    name: run.name,
    seconds: run.seconds,
    rate: rows / run.seconds,
    megabytes: run.bytes / 1e6,
    above: above(run),
    delay: run.delayMs,
    p50: quantile(run.singles, 0.5),
    p99: quantile(run.singles, 0.99),
    max: quantile(run.singles, 1),
  }));
  return scenarioReport({
    name: "file",
    title: "A large file through POST /predict-file",
    summary: [
      `A CSV of ${rows.toLocaleString("en-US")} rows, made by the client while it sends; meanwhile a single prediction every 5 ms, and VmRSS of the server every 20 ms.`,
      "Server, client and its making of rows share the machine, so that rows a second are those of all three.",
    ],
    command,
    parameters: { rows },
    placement: "not pinned",
    generators: ["node:http"],
    verdicts: [fileVerdict(runs, rows)],
    tables: [
      {
        title: "Files",
        note: "Single predictions and the 99th percentile of the server's event-loop delay in milliseconds. The client times singles on the thread that makes and reads the file, so their maximum is also its own.",
        columns: plainColumns([
          ["name", "file", null],
          ["seconds", "s", 1],
          ["rate", "rows/s", 0],
          ["megabytes", "result MB", 1],
          ["above", "MB above idle", 1],
          ["delay", "loop delay p99", 1],
          ["p50", "single p50", 2],
          ["p99", "single p99", 2],
          ["max", "single max", 1],
        ]),
        rows: figures,
      },
    ],
    charts: [
      {
        kind: "bars",
        title: "Rows a second",
        unit: "rows/s",
        bars: figures.map(({ name, rate }) => ({
          label: name,
          role: "subject" as const,
          value: spread([rate]),
          note: "",
        })),
      },
    ],
    samples: figures,
  });
}
