import { SATURATED, type Sample } from "../harness/measure.ts";
import {
  medianOf,
  ratioWithinRounds,
  spread,
  type RoundValue,
  type Spread,
} from "../harness/statistics.ts";

/** Looks figures up in the samples of one generator. */
export interface Figures {
  of(peer: string, workload: string): readonly Sample[];
  requestsPerSecond(peer: string, workload: string): Spread | null;
  /** Throughput of one peer divided by that of another, inside each round. */
  ratio(peer: string, other: string, workload: string): Spread | null;
  p99(peer: string, workload: string): Spread | null;
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
  return {
    of,
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
