import { generatorName } from "../servers/machine.ts";
import { lateShare, OPEN_LOOP_NAME, TOO_LATE, type OfferedResult } from "../clients/offer-load.ts";
import type { Pinning } from "../host/pinning.ts";
import type { Refusals } from "../clients/refusal-probe.ts";
import type { LineChart, Report, Verdict } from "../report/report.ts";
import { errorCount } from "../clients/sample.ts";
import type { Saturation } from "./saturation.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { flatSample, plainColumns, scenarioReport } from "./scenario-report.ts";
import { spread } from "../statistics/statistics.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";
import { mebibytes } from "../statistics/mebibytes.ts";

/** What the experiment may be told. */
export type OverloadOptions = ScenarioOptions<"duration" | "connections" | "port">;

/** Some seconds at one rate; the first is that at 80 % of saturation. */
export interface OverloadPoint extends OfferedResult {
  readonly share: number;
  /** Requests a second. */
  readonly offered: number;
  readonly seconds: number;
  readonly residentBytes: number | null;
}

interface Overloaded {
  readonly points: readonly OverloadPoint[];
  readonly refusals: Refusals;
  readonly saturation: Saturation;
  readonly options: OverloadOptions;
  readonly pinning: Pinning;
  readonly command: string;
}

const SLOWDOWN: Target = {
  figure: "p99 of the accepted at twice saturation against that at 80 %",
  must: 3,
  aim: 2,
  better: "lower",
  text: (value) => `${value.toFixed(2)} times`,
};
const GROWTH: Target = {
  figure: "resident memory at the end of the overload against after its first ten seconds",
  must: 5,
  aim: 0,
  better: "lower",
  text: (value) => `${value > 0 ? "+" : ""}${value.toFixed(1)} %`,
};
const MALFORMED: Target = {
  figure: "refusals that were no well-formed 503, and requests that got no answer",
  must: 0,
  aim: 0,
  better: "lower",
  text: (value) => String(value),
};

const mib = (bytes: number | null) => (bytes === null ? null : mebibytes(bytes));

/** Judges the overload; only the seconds at twice saturation count for memory and refusals. */
function overloadVerdicts(
  points: readonly OverloadPoint[],
  refusals: Refusals,
  saturationDistrust: string | null,
): Verdict[] {
  const [below, ...beyond] = points;
  const late = Math.max(0, ...points.map(lateShare));
  const distrust =
    saturationDistrust ??
    (late > TOO_LATE ? `the generator itself was late for ${(late * 100).toFixed(1)} %` : null);
  const base = below?.p99 ?? null;
  const slowdown =
    base === null ? [] : beyond.flatMap(({ p99 }) => (p99 === null ? [] : p99 / base));
  const due = beyond.reduce((sum, point) => sum + point.due, 0);
  const refused = beyond.reduce((sum, point) => sum + point.refused, 0);
  const lost = beyond.reduce((sum, point) => sum + errorCount(point.errors), 0);
  const resident = beyond.flatMap(({ residentBytes }) => residentBytes ?? []);
  const [first, last] = [resident[0], resident.at(-1)];
  const growth =
    first === undefined || last === undefined || resident.length < 2
      ? null
      : spread([(last / first - 1) * 100]);
  const share = ((refused / Math.max(1, due)) * 100).toFixed(1);
  return [
    verdictOn(SLOWDOWN, spread(slowdown), { reason: `${share} % refused`, distrust }),
    verdictOn(MALFORMED, refusals.seen === 0 ? null : spread([refusals.malformed + lost]), {
      reason: `${refusals.seen} refusals read whole, ${refused} counted, ${lost} requests without an answer`,
      distrust: null,
    }),
    verdictOn(GROWTH, growth, { reason: `${beyond.length} looks`, distrust: null }),
  ];
}

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
      `A closed loop of 100 connections (${saturation.client}) was answered ${Math.round(saturation.rate)} times a second; that is 100 %; that server refused nothing.`,
      "Arrivals are Poisson and wait for nobody; latency counts from the time a request was due. The server runs with QUEUE_MAX_WAIT_MS=3. A request has two hundred rows: its refusal costs as much as a canned answer over node:http, and of single rows of the iris forest twice saturation is more than that floor itself takes, so they could not even all be refused.",
    ],
    command,
    parameters: { "seconds of overload": options.duration, connections: options.connections },
    placement: pinning.note,
    generators: [OPEN_LOOP_NAME, generatorName(saturation.client)],
    verdicts: overloadVerdicts(points, refusals, saturation.distrust),
    tables: [
      {
        title: "Sepal REST, two hundred rows a request",
        note: null,
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
