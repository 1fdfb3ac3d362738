import { defineExperiment, PORT } from "../experiment.ts";
import { planPinning, usageOf, waitedSecondsOf } from "../harness/host.ts";
import {
  failedShare,
  lateShare,
  offerLoad,
  OPEN_LOOP_NAME,
  TOO_LATE,
  type OpenLoadResult,
} from "../harness/open-loop.ts";
import { startSepal } from "../harness/servers.ts";
import { percent, spread } from "../harness/statistics.ts";
import { generatorName } from "../report/build-report.ts";
import { formatNumber, formatPercent } from "../report/format.ts";
import { bars, percentileName, table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { missedIf, verdictOn, type Target } from "../report/verdicts.ts";
import { findSaturation, saturationFound } from "./saturation.ts";

/** Seconds at the rate before those that count. */
const WARM_UP_S = 5;

/** What p99 at half of saturation must be. */
export const HALF_LOAD_TARGET: Target = {
  figure: "p99 at half of saturation, open loop, Poisson arrivals",
  must: 5,
  aim: 2,
  better: "lower",
  text: (value) => `${value.toFixed(2)} ms`,
};

/** Judges runs at half of saturation; `distrust` says why that half may be too low, or is null. */
export function halfLoadVerdict(runs: readonly OpenLoadResult[], distrust: string | null): Verdict {
  const late = Math.max(0, ...runs.map(lateShare));
  const failed = Math.max(0, ...runs.map(failedShare));
  const tooLate =
    late > TOO_LATE
      ? `the generator itself was late for ${formatPercent(late, 2)} of the requests`
      : null;
  const verdict = verdictOn(HALF_LOAD_TARGET, spread(runs.map(({ p99 }) => p99)), {
    reason:
      runs.length === 0
        ? "not part of this run"
        : `median of ${runs.length}, ${formatPercent(failed, 2)} failed, ${formatPercent(late, 2)} sent late at worst`,
    distrust: distrust ?? tooLate,
  });
  return missedIf(
    failed === 0 ? null : `${formatPercent(failed, 2)} of the requests failed`,
    verdict,
  );
}

const LATENCIES = ["p50", "p90", "p99", "p999"] as const;

/** Finds the saturation of a server and offers it half of that. */
export const halfLoad = defineExperiment({
  name: "half-load",
  asks: "p99 at half of saturation, Poisson arrivals",
  options: {
    duration: [10, "seconds a run"],
    connections: [256, "connections"],
    repeats: [3, "repeats"],
    port: PORT,
  },
  async run({ duration: seconds, connections, repeats, port }) {
    const pinning = planPinning();
    await using sepal = await startSepal(port, pinning.server);
    const saturation = await findSaturation(sepal, pinning.client);
    const rate = saturation.rate / 2;
    console.log(
      `${pinning.note}; closed loop: ${Math.round(saturation.rate)} req/s (${saturation.client})`,
    );
    const runs = [];
    for (let run = 1; run <= repeats; run += 1) {
      const { pid } = sepal.server;
      const before = usageOf(pid);
      const waitedBefore = waitedSecondsOf(pid);
      const started = performance.now();
      const { url, bodies } = sepal;
      const load = { url, bodies, rate, connections, seconds, naps: false } as const;
      const result = await offerLoad(
        { ...load, schedule: "poisson", warmUpSeconds: WARM_UP_S },
        pinning.client,
      );
      const elapsed = (performance.now() - started) / 1000;
      const used = (usageOf(pid)?.cpuSeconds ?? 0) - (before?.cpuSeconds ?? 0);
      const waited = (waitedSecondsOf(pid) ?? 0) - (waitedBefore ?? 0);
      sepal.server.forgetOutput();
      runs.push({
        run,
        serverCpu: before === null ? null : used / elapsed,
        /** Share of the time in which the server was ready to run and something else had its core. */
        serverWaited: waitedBefore === null ? null : waited / elapsed,
        ...result,
      });
      console.log(
        `run ${run} of ${repeats}: offered ${Math.round(rate)}/s, p50 ${result.p50?.toFixed(2) ?? "?"} ms, ` +
          `p99 ${result.p99?.toFixed(2) ?? "?"} ms, late ${formatPercent(lateShare(result), 2)}`,
      );
    }
    return {
      runs,
      saturation,
      placement: pinning.note,
      generators: [OPEN_LOOP_NAME, generatorName(saturation.client)],
      parameters: { "seconds of warm-up": WARM_UP_S },
    };
  },
  title: () => "Latency at half of saturation",
  summary: ({ saturation }) => [
    `${saturationFound(saturation)}; half of that is offered.`,
    "Arrivals are Poisson and do not wait for responses; latency counts from the time a request was due, so that a stalled server cannot hide.",
    "Requests that find every connection busy wait for one, and their latency counts that. Late requests are the generator's own delay.",
  ],
  targets: ({ runs, saturation }) => [halfLoadVerdict(runs, saturation.distrust)],
  tables: ({ runs, saturation }, { duration }) => [
    table(
      `${formatNumber(saturation.rate / 2)} requests a second, one row each`,
      runs,
      [
        ["run", "run", 0],
        ["answered", "answered/s", 0, (run) => run.answered / duration],
        ...LATENCIES.map((key) => [key, `${percentileName(key)} ms`, 2] as const),
        ["failed", "failed %", 2, (run) => failedShare(run) * 100],
        ["waited", "found no connection", 0],
        ["late", "late %", 2, (run) => lateShare(run) * 100],
        ["server", "server CPU %", 0, (run) => percent(run.serverCpu)],
        ["ready", "server waited for its core %", 2, (run) => percent(run.serverWaited)],
      ],
      "The generator spins between requests, so its own core is always fully used. A server that waited for its core shared it with other programs or with threads of its own; 1 % of waiting is enough to make a p99.",
    ),
  ],
  charts: ({ runs }) => [
    bars(
      "Latency at half of saturation",
      "milliseconds",
      LATENCIES.map((key) => ({
        label: percentileName(key),
        value: spread(runs.map((run) => run[key])),
        note: key === "p99" ? `asked ${HALF_LOAD_TARGET.must}` : "",
      })),
    ),
  ],
});
