import { SATURATED, type Sample } from "../harness/measure.ts";
import {
  medianOf,
  ratioWithinRounds,
  spread,
  type RoundValue,
  type Spread,
} from "../harness/statistics.ts";
import { formatNumber, formatRowRate } from "../report/format.ts";
import type { Verdict } from "../report/report.ts";
import { verdictOn, type Target } from "../report/verdicts.ts";

/** Looks figures up in the samples of one generator. */
export interface Figures {
  of(peer: string, workload: string): readonly Sample[];
  requestsPerSecond(peer: string, workload: string): Spread | null;
  /** Throughput of one peer divided by that of another, inside each round. */
  ratio(peer: string, other: string, workload: string): Spread | null;
  p99(peer: string, workload: string): Spread | null;
  /** CPU a request of one peer divided by that of another, inside each round. */
  cpuRatio(peer: string, other: string, workload: string): Spread | null;
  /** Whether neither the server nor the client used its core fully, as when others take it. */
  disturbed(peer: string, workload: string): boolean;
}

/** Figures of the samples that one generator took. */
export function figuresOf(samples: readonly Sample[], client: string): Figures {
  const of = (peer: string, workload: string) =>
    samples.filter(
      (sample) => sample.client === client && sample.peer === peer && sample.workload === workload,
    );
  const rates = (peer: string, workload: string): RoundValue[] =>
    of(peer, workload).map(({ round, requestsPerSecond }) => ({ round, value: requestsPerSecond }));
  const cpu = (peer: string, workload: string): RoundValue[] =>
    of(peer, workload).flatMap(({ round, serverCpuMicros: value }) =>
      value === null ? [] : [{ round, value }],
    );
  return {
    of,
    cpuRatio: (peer, other, workload) =>
      ratioWithinRounds(cpu(peer, workload), cpu(other, workload)),
    disturbed(peer, workload) {
      const serverCpu = medianOf(of(peer, workload).map((run) => run.serverCpu));
      const clientCpu = medianOf(of(peer, workload).map((run) => run.clientCpu));
      if (serverCpu === null || clientCpu === null) return false;
      return serverCpu < SATURATED && clientCpu < SATURATED;
    },
    requestsPerSecond: (peer, workload) => spread(rates(peer, workload).map(({ value }) => value)),
    ratio: (peer, other, workload) =>
      ratioWithinRounds(rates(peer, workload), rates(other, workload)),
    p99: (peer, workload) =>
      spread(of(peer, workload).flatMap(({ p99 }) => (p99 === null ? [] : [p99]))),
  };
}

interface BenchTarget extends Target {
  readonly measured: (figures: Figures) => Spread | null;
  /** Peers and workload behind the figure. */
  readonly from: { readonly peers: readonly string[]; readonly workload: string };
}

const percent = (value: number) => `${formatNumber(value * 100, 1)} %`;
const times = (value: number) => `${formatNumber(value, value < 10 ? 2 : 1)}x`;
const ms = (value: number) => `${formatNumber(value, 1)} ms`;

function ratio(
  figure: string,
  [peer, other]: readonly [string, string],
  [must, aim]: readonly [number, number],
  { text = times, workload = "single" } = {},
): BenchTarget {
  return {
    figure,
    must,
    aim,
    better: "higher",
    text,
    measured: (figures) => figures.ratio(peer, other, workload),
    from: { peers: [peer, other], workload },
  };
}

function latency(figure: string, peer: string): BenchTarget {
  return {
    figure,
    must: 10,
    aim: 5,
    better: "lower",
    text: ms,
    measured: (figures) => figures.p99(peer, "single"),
    from: { peers: [peer], workload: "single" },
  };
}

/** What one core must reach with validation, metrics, access log and request ids on. */
export const TARGETS: readonly BenchTarget[] = [
  ratio("REST share of the floor", ["sepal-rest", "floor"], [0.55, 0.75], { text: percent }),
  ratio("tRPC share of the floor", ["sepal-trpc", "floor"], [0.5, 0.7], { text: percent }),
  ratio("REST against FastAPI + scikit-learn", ["sepal-rest", "fastapi-sklearn"], [50, 100]),
  ratio("REST against FastAPI + onnxruntime", ["sepal-rest", "fastapi-onnx"], [4, 8]),
  ratio("REST against LitServe", ["sepal-rest", "litserve"], [4, 8]),
  ratio("REST against BentoML", ["sepal-rest", "bentoml"], [4, 8]),
  ratio("REST against MLServer", ["sepal-rest", "mlserver"], [4, 8]),
  ratio("tRPC against the stock standalone adapter", ["sepal-trpc", "trpc-standalone"], [6, 9]),
  {
    figure: "CPU a request: 7 named, mixed features against 4 positional numbers",
    must: 1.07,
    aim: 1.02,
    better: "lower",
    text: times,
    measured: (figures) => figures.cpuRatio("sepal-named", "sepal-rest", "single"),
    from: { peers: ["sepal-named", "sepal-rest"], workload: "single" },
  },
  ratio(
    "10,000 named penguins a request against irises, rows a second",
    ["sepal-named", "sepal-rest"],
    [0.6, 0.8],
    { text: percent, workload: "batch-10000" },
  ),
  latency("REST p99 at 100 connections", "sepal-rest"),
  latency("tRPC p99 at 100 connections", "sepal-trpc"),
  {
    figure: "REST batch of 10,000 rows",
    must: 400_000,
    aim: 600_000,
    better: "higher",
    text: formatRowRate,
    measured(figures) {
      const rate = figures.requestsPerSecond("sepal-rest", "batch-10000");
      if (rate === null) return null;
      const { median, min, max } = rate;
      return { median: median * 10_000, min: min * 10_000, max: max * 10_000 };
    },
    from: { peers: ["sepal-rest"], workload: "batch-10000" },
  },
  ratio(
    "REST batch of 10,000 rows against FastAPI + scikit-learn",
    ["sepal-rest", "fastapi-sklearn"],
    [8, 12],
    { workload: "batch-10000" },
  ),
];

/** Judges what was measured by a target; `conditions` names the generator. */
export function judge(
  target: BenchTarget,
  figures: Figures,
  missing: ReadonlyMap<string, string>,
  conditions: string,
): Verdict {
  const { from } = target;
  const value = target.measured(figures);
  if (value === null) {
    const reasons = from.peers.flatMap((peer) => missing.get(peer) ?? []);
    const reason = reasons.join("; ") || "not part of this run";
    return verdictOn(target, null, { reason, distrust: null });
  }
  const disturbed = from.peers.filter((peer) => figures.disturbed(peer, from.workload));
  return verdictOn(target, value, {
    reason: `median of rounds, ${conditions}`,
    distrust:
      disturbed.length === 0
        ? null
        : `the machine was busy otherwise: ${disturbed.join(", ")} did not get a whole core`,
  });
}
