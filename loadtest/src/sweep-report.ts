import type { Client } from "./load.ts";
import { describeEnvironment, generatorName, libraryVersion } from "./machine.ts";
import type { Pinning } from "./pinning.ts";
import type { Report, Verdict } from "./report.ts";
import { errorCount } from "./sample.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { sepalVersions } from "./sepal-server.ts";
import type { SweepPoint } from "./sweep-point.ts";

const MUST_MS = 5;
const AIM_MS = 2;

/** Share of late requests from which on a figure is the generator's, not the server's. */
const TOO_LATE = 0.01;

interface Swept {
  readonly points: readonly SweepPoint[];
  /** Answers a second in the closed loop. */
  readonly saturation: number;
  readonly client: Client["name"];
  readonly options: ScenarioOptions;
  readonly pinning: Pinning;
  readonly command: string;
}

const failed = (point: SweepPoint) =>
  (point.refused + point.shed + errorCount(point.errors)) / Math.max(1, point.due);

function flat({ errors, ...point }: SweepPoint): Report["samples"][number] {
  return { ...point, ...errors };
}

/** Judges the p99 at half of saturation. */
export function halfLoadVerdict(points: readonly SweepPoint[]): Verdict {
  const half = points.find(({ share }) => share === 0.5);
  const asked = {
    figure: "p99 at half of saturation, open loop, Poisson arrivals",
    asked: `<= ${MUST_MS} ms`,
    aim: `<= ${AIM_MS} ms`,
  };
  if (half === undefined || half.p99 === null) {
    return { ...asked, measured: "–", verdict: "not measured", reason: "too few answers" };
  }
  const late = half.late / half.due;
  return {
    ...asked,
    measured: `${half.p99.toFixed(2)} ms`,
    verdict:
      failed(half) > 0 || half.p99 > MUST_MS ? "missed" : half.p99 <= AIM_MS ? "aim met" : "met",
    reason: `${(failed(half) * 100).toFixed(2)} % failed; the generator sent ${(late * 100).toFixed(1)} % late${late > TOO_LATE ? ", so its own delay is part of the figure" : ""}`,
  };
}

const columns = (
  [
    ["offered", "offered/s", 0],
    ["share", "% of saturation", 0],
    ["answered", "answered/s", 0],
    ["p50", "p50 ms", 2],
    ["p90", "p90 ms", 2],
    ["p99", "p99 ms", 2],
    ["p999", "p99.9 ms", 2],
    ["failed", "failed %", 2],
    ["refused", "503", 0],
    ["shed", "shed by client", 0],
    ["late", "late %", 1],
    ["client", "client CPU %", 0],
  ] as const
).map(([key, label, digits]) => ({ key, label, digits, spread: false }));

/** Builds the report of a sweep. */
export function sweepReport(swept: Swept): Report {
  const { points, saturation, client, options, pinning, command } = swept;
  const offered = { label: "offered requests a second", scale: "linear" } as const;
  return {
    format: 1,
    name: "sweep",
    title: "Latency and failures against the offered rate",
    summary: [
      `A closed loop of 100 connections (${client}) was answered ${Math.round(saturation)} times a second; that is 100 %.`,
      "Arrivals are Poisson and wait for nobody; latency counts from the time a request was due. Late requests are the generator's own delay. It starts no request beyond its bound and counts those as shed.",
    ],
    created_at: new Date().toISOString(),
    command,
    parameters: {
      "seconds a rate": options.seconds,
      "requests in flight at most": options.connections,
    },
    environment: describeEnvironment({
      placement: pinning.note,
      generators: [
        `open loop on undici ${libraryVersion("loadtest", "undici")}`,
        generatorName(client),
      ],
      versions: { Sepal: sepalVersions() },
    }),
    verdicts: [halfLoadVerdict(points)],
    tables: [
      {
        title: "Sepal REST, one row a request",
        note: null,
        columns,
        rows: points.map((point) => ({
          offered: point.offered,
          share: point.share * 100,
          p50: point.p50,
          p90: point.p90,
          p99: point.p99,
          p999: point.p999,
          answered: point.answered / point.seconds,
          failed: failed(point) * 100,
          refused: point.refused,
          shed: point.shed,
          late: (point.late / Math.max(1, point.due)) * 100,
          client: point.clientCpu === null ? null : point.clientCpu * 100,
        })),
      },
    ],
    charts: [
      {
        kind: "lines",
        title: "Latency",
        x: offered,
        y: { label: "milliseconds", scale: "log" },
        series: (["p99", "p50"] as const).map((key) => ({
          name: key,
          role: key === "p99" ? "subject" : "reference",
          points: points.flatMap((point) =>
            point[key] === null ? [] : [[point.offered, point[key]]],
          ),
        })),
        marks: [{ label: `${MUST_MS} ms`, y: MUST_MS }],
      },
      {
        kind: "lines",
        title: "Failed requests",
        x: offered,
        y: { label: "percent", scale: "linear" },
        series: [
          {
            name: "refused, shed or failed",
            role: "subject",
            points: points.map((point) => [point.offered, failed(point) * 100]),
          },
        ],
        marks: [],
      },
    ],
    missing: [],
    samples: points.map(flat),
  };
}
