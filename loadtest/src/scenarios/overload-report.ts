import { generatorName } from "../servers/machine.ts";
import { lateShare, OPEN_LOOP_NAME, TOO_LATE } from "../clients/offer-load.ts";
import { overloadVerdicts, type OverloadPoint } from "./overload-verdicts.ts";
import type { Pinning } from "../host/pinning.ts";
import type { Refusals } from "../clients/refusal-probe.ts";
import type { LineChart, Report } from "../report/report.ts";
import { saturationFound, type Saturation } from "./saturation.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { flatSample, plainColumns, scenarioReport } from "./scenario-report.ts";
import { mebibytes } from "../statistics/mebibytes.ts";

/** What the experiment may be told. */
export type OverloadOptions = ScenarioOptions<"duration" | "connections" | "port">;

interface Overloaded {
  readonly points: readonly OverloadPoint[];
  readonly refusals: Refusals;
  readonly saturation: Saturation;
  readonly options: OverloadOptions;
  readonly pinning: Pinning;
  readonly command: string;
}

const mib = (bytes: number | null) => (bytes === null ? null : mebibytes(bytes));

/** A figure over the seconds at twice saturation, with that at 80 % as a mark. */
function chart(
  [below, ...beyond]: readonly OverloadPoint[],
  title: string,
  unit: string,
  of: (point: OverloadPoint) => number | null,
): LineChart {
  let seconds = 0;
  const base = below === undefined ? null : of(below);
  return {
    kind: "lines",
    title,
    x: { label: "seconds of overload", scale: "linear" },
    y: { label: unit, scale: "linear" },
    series: [
      {
        name: "at twice saturation",
        role: "subject",
        points: beyond.flatMap((point) => {
          seconds += point.seconds;
          const value = of(point);
          return value === null ? [] : [[seconds, value] as [number, number]];
        }),
      },
    ],
    marks: base === null ? [] : [{ label: "at 80 %", y: base }],
  };
}

/** Builds the report of an overload. */
export function overloadReport(overloaded: Overloaded): Report {
  const { points, refusals, saturation, options, pinning, command } = overloaded;
  return scenarioReport({
    name: "overload",
    title: "Twice as many requests as the server can answer",
    summary: [
      `${saturationFound(saturation)}; that is 100 %; that server refused nothing.`,
      "Arrivals are Poisson and wait for nobody; latency counts from the time a request was due. The server runs with QUEUE_MAX_WAIT_MS=3. A request has two hundred rows: its refusal costs as much as a canned answer over node:http, and of single rows of the iris forest twice saturation is more than that floor itself takes, so they could not even all be refused.",
    ],
    command,
    parameters: { "seconds of overload": options.duration, connections: options.connections },
    placement: pinning.note,
    generators: [OPEN_LOOP_NAME, generatorName(saturation.client)],
    verdicts: overloadVerdicts({ points, refusals, distrust: saturation.distrust }),
    tables: [
      {
        title: "Sepal REST, two hundred rows a request",
        note: `A look of twice saturation with more than ${TOO_LATE * 100} % sent late is shown and left out of the p99 that is judged.`,
        columns: plainColumns([
          ["share", "% of saturation", 0],
          ["offered", "offered/s", 0],
          ["accepted", "accepted/s", 0],
          ["refused", "refused/s", 0],
          ["p50", "p50 ms", 2],
          ["p99", "p99 ms", 2],
          ["waited", "found no connection", 0],
          ["late", "late %", 1],
          ["resident", "resident MiB", 1],
        ]),
        rows: points.map((point) => ({
          share: point.share * 100,
          offered: point.offered,
          accepted: point.answered / point.seconds,
          refused: point.refused / point.seconds,
          p50: point.p50,
          p99: point.p99,
          waited: point.waited,
          late: lateShare(point) * 100,
          resident: mib(point.residentBytes),
        })),
      },
    ],
    charts: [
      chart(points, "Latency of what is accepted", "p99, milliseconds", ({ p99 }) => p99),
      chart(points, "Resident memory", "MiB", ({ residentBytes }) => mib(residentBytes)),
    ],
    samples: points.map(flatSample),
  });
}
