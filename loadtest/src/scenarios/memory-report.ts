import type { Client } from "../clients/load.ts";
import { generatorName } from "../servers/machine.ts";
import { memoryChart } from "../report/memory-chart.ts";
import type { Pinning } from "../host/pinning.ts";
import type { Report, Verdict } from "../report/report.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { plainColumns, scenarioReport } from "./scenario-report.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";
import { mebibytes } from "../statistics/mebibytes.ts";
import { spread } from "../statistics/statistics.ts";

/** What the experiment may be told. */
export type MemoryOptions = ScenarioOptions<"requests" | "connections" | "port">;

/** A look at the memory of the server after so many requests. */
export interface MemoryPoint {
  readonly requests: number;
  /** Of them, refused as they should be. */
  readonly refused: number;
  readonly residentBytes: number;
  /** Requests since the look before that lost their connection or were never answered. */
  readonly lost: number;
}

/** Requests after which the memory is looked at first, and those asked for. */
export const BASE_REQUESTS = 100_000;
export const FULL_REQUESTS = 5_000_000;

const TARGET: Target = {
  figure: "resident memory after 5 million requests against after 100 thousand",
  must: 5,
  aim: 0,
  better: "lower",
  text: (value) => `${value > 0 ? "+" : ""}${value.toFixed(1)} %`,
};

const count = (value: number) => value.toLocaleString("en-US");

/** Judges how much the memory grew from the first look past the base to the last. */
export function memoryVerdict(points: readonly MemoryPoint[]): Verdict {
  const base = points.find(({ requests }) => requests >= BASE_REQUESTS);
  const last = points.at(-1);
  if (base === undefined || last === undefined || last === base) {
    const reason = `fewer than two looks past ${count(BASE_REQUESTS)} requests`;
    return verdictOn(TARGET, null, { reason, distrust: null });
  }
  const growth = (last.residentBytes / base.residentBytes - 1) * 100;
  const lost = points.reduce((sum, point) => sum + point.lost, 0);
  const short = last.requests < FULL_REQUESTS ? `only ${count(last.requests)} requests` : null;
  return verdictOn(TARGET, spread([growth]), {
    reason: `${mebibytes(base.residentBytes).toFixed(1)} MiB after ${count(base.requests)} requests, ${mebibytes(last.residentBytes).toFixed(1)} MiB after ${count(last.requests)}`,
    distrust: lost > 0 ? `${lost} requests were lost` : short,
  });
}

interface Measured {
  readonly points: readonly MemoryPoint[];
  readonly options: MemoryOptions;
  readonly client: Client["name"];
  readonly pinning: Pinning;
  readonly command: string;
}

/** Builds the report of the experiment. */
export function memoryReport(measured: Measured): Report {
  const { points, options, client, pinning, command } = measured;
  return scenarioReport({
    name: "memory",
    title: "Resident memory over millions of requests",
    summary: [
      "Single predictions in a closed loop, one in a hundred of them refused with 422; now and then the load pauses, and after a second without any VmRSS of the server's process is read.",
      "Nothing makes the server collect its garbage: a look may fall before or after it did so by itself, so single looks differ. The chart shows all of them.",
    ],
    command,
    parameters: { requests: options.requests, connections: options.connections },
    placement: pinning.note,
    generators: [generatorName(client)],
    verdicts: [memoryVerdict(points)],
    tables: [
      {
        title: "Looks at the memory",
        note: "Requests as the server counted them.",
        columns: plainColumns([
          ["requests", "requests", 0],
          ["refused", "422", 0],
          ["resident", "resident MiB", 1],
          ["lost", "lost", 0],
        ]),
        rows: points.map(({ requests, refused, residentBytes, lost }) => ({
          requests,
          refused,
          resident: mebibytes(residentBytes),
          lost,
        })),
      },
    ],
    charts: [memoryChart({ label: "requests answered", points, at: ({ requests }) => requests })],
    samples: points.map(({ requests, refused, residentBytes, lost }) => ({
      requests,
      refused,
      residentBytes,
      lost,
    })),
  });
}
