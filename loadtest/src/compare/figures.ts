import type { ReportCell } from "../report/report.ts";
import {
  medianInterval,
  ratiosWithinRounds,
  type MedianInterval,
  type RoundValue,
} from "../harness/statistics.ts";
import type { RunSample } from "./measure-run.ts";
import type { Side } from "./sides.ts";

/** A figure of a run. */
export interface Figure {
  readonly title: string;
  readonly digits: number;
  readonly of: (sample: RunSample) => number | null;
}

/** Time of all the server's threads. */
export const CPU: Figure = {
  title: "server CPU µs/request",
  digits: 1,
  of: ({ serverCpuMicros }) => serverCpuMicros,
};

/** Throughput. */
export const RATE: Figure = {
  title: "requests/s",
  digits: 0,
  of: ({ requestsPerSecond }) => requestsPerSecond,
};

/** Latency. */
export const P99: Figure = { title: "p99 ms", digits: 2, of: ({ p99 }) => p99 };

/** A figure of one side and target, of each pair that has it. */
export function valuesOf(
  samples: readonly RunSample[],
  side: Side["name"],
  target: string,
  { of }: Figure,
): RoundValue[] {
  return samples
    .filter(({ peer, workload }) => peer === side && workload === target)
    .flatMap((sample) => {
      const value = of(sample);
      return value === null ? [] : [{ round: sample.round, value }];
    });
}

/** Head divided by base inside each pair. */
export function ratioOf(
  samples: readonly RunSample[],
  target: string,
  figure: Figure,
): MedianInterval | null {
  return medianInterval(
    ratiosWithinRounds(
      valuesOf(samples, "head", target, figure),
      valuesOf(samples, "base", target, figure),
    ),
  );
}

/** A median with its interval as a cell. */
export function intervalCell(value: MedianInterval | null, factor = 1): ReportCell {
  if (value === null) return null;
  const { median, interval } = value;
  if (interval === null) return median * factor;
  return { median: median * factor, min: interval.low * factor, max: interval.high * factor };
}

/** What a ratio and its interval say about head. */
export function reading(ratio: MedianInterval | null): string {
  if (ratio === null) return "not measured";
  if (ratio.interval === null) return "too few pairs";
  if (ratio.interval.high < 1) return "lower";
  return ratio.interval.low > 1 ? "higher" : "no difference shown";
}
