import { halfLoadVerdict, HALF_LOAD_TARGET } from "./half-load-verdict.ts";
import { generatorName } from "../servers/machine.ts";
import { failedShare, lateShare, OPEN_LOOP_NAME } from "../clients/offer-load.ts";
import type { Pinning } from "../host/pinning.ts";
import type { Report } from "../report/report.ts";
import { saturationFound, type Saturation } from "./saturation.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { flatSample, plainColumns, scenarioReport } from "./scenario-report.ts";
import type { SweepPoint } from "./sweep-point.ts";

/** What a sweep may be told. */
export type SweepOptions = ScenarioOptions<"duration" | "connections" | "port">;

interface Swept {
  readonly points: readonly SweepPoint[];
  readonly saturation: Saturation;
  readonly options: SweepOptions;
  readonly pinning: Pinning;
  readonly command: string;
}

const columns = plainColumns([
  ["offered", "offered/s", 0],
  ["share", "% of saturation", 0],
  ["p50", "p50 ms", 2],
  ["p90", "p90 ms", 2],
  ["p99", "p99 ms", 2],
  ["p999", "p99.9 ms", 2],
  ["failed", "failed %", 2],
  ["refused", "503", 0],
  ["waited", "found no connection", 0],
  ["late", "late %", 1],
]);

/** Builds the report of a sweep. */
export function sweepReport(swept: Swept): Report {
  const { points, saturation, options, pinning, command } = swept;
  const offered = { label: "offered requests a second", scale: "linear" } as const;
  return scenarioReport({
    name: "sweep",
    title: "Latency and failures against the offered rate",
    summary: [
      `${saturationFound(saturation)}; that is 100 %.`,
      "Arrivals are Poisson and wait for nobody; latency counts from the time a request was due. Requests that find every connection busy wait for one, and their latency counts that: past saturation it grows for as long as the run lasts. Late requests are the generator's own delay.",
    ],
    command,
    parameters: {
      "seconds a rate": options.duration,
      connections: options.connections,
    },
    placement: pinning.note,
    generators: [OPEN_LOOP_NAME, generatorName(saturation.client)],
    verdicts: [
      halfLoadVerdict(
        points.filter(({ share }) => share === 0.5),
        saturation.distrust,
      ),
    ],
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
          failed: failedShare(point) * 100,
          refused: point.refused,
          waited: point.waited,
          late: lateShare(point) * 100,
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
        marks: [{ label: `${HALF_LOAD_TARGET.must} ms`, y: HALF_LOAD_TARGET.must }],
      },
      {
        kind: "lines",
        title: "Failed requests",
        x: offered,
        y: { label: "percent", scale: "linear" },
        series: [
          {
            name: "refused or failed",
            role: "subject",
            points: points.map((point) => [point.offered, failedShare(point) * 100]),
          },
        ],
        marks: [],
      },
    ],
    samples: points.map(flatSample),
  });
}
