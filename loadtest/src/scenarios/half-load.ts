import { halfLoadVerdict, HALF_LOAD_TARGET } from "./half-load-verdict.ts";
import { generatorName } from "../servers/machine.ts";
import {
  failedShare,
  lateShare,
  offerLoad,
  OPEN_LOOP_NAME,
  type OfferedResult,
} from "../clients/offer-load.ts";
import { planPinning } from "../host/pinning.ts";
import { usageOf, waitedSecondsOf } from "../host/process-usage.ts";
import { formatNumber } from "../report/format-cell.ts";
import type { Report } from "../report/report.ts";
import { findSaturation, saturationFound } from "./saturation.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { flatSample, plainColumns, scenarioReport } from "./scenario-report.ts";
import { startSepal } from "../servers/sepal-server.ts";
import { spread } from "../statistics/statistics.ts";

/** Seconds at the rate before those that count. */
const WARM_UP_S = 5;

interface Run extends OfferedResult {
  readonly run: number;
  readonly serverCpu: number | null;
  /** Share of the time in which the server was ready to run and something else had its core. */
  readonly serverWaited: number | null;
}

const latencyKeys = ["p50", "p90", "p99", "p999"] as const;
const percentage = (share: number | null) => (share === null ? null : share * 100);

/** Finds how much a server answers at most and offers it half of that. */
export async function runHalfLoad(
  options: ScenarioOptions<"duration" | "connections" | "repeats" | "port">,
  command: string,
): Promise<Report> {
  const { duration: seconds, connections, repeats, port } = options;
  const pinning = planPinning();
  await using sepal = await startSepal(port, pinning.server);
  const saturation = await findSaturation(sepal, pinning.client);
  const rate = saturation.rate / 2;
  console.log(
    `${pinning.note}; closed loop: ${Math.round(saturation.rate)} req/s (${saturation.client})`,
  );
  const runs: Run[] = [];
  for (let run = 1; run <= repeats; run += 1) {
    const before = usageOf(sepal.server.pid);
    const waitedBefore = waitedSecondsOf(sepal.server.pid);
    const started = performance.now();
    const { url, bodies } = sepal;
    const load = { url, bodies, rate, connections, seconds, naps: false } as const;
    const result = await offerLoad(
      { ...load, schedule: "poisson", warmUpSeconds: WARM_UP_S },
      pinning.client,
    );
    const used = (usageOf(sepal.server.pid)?.cpuSeconds ?? 0) - (before?.cpuSeconds ?? 0);
    const elapsed = (performance.now() - started) / 1000;
    const serverCpu = before === null ? null : used / elapsed;
    const waited = (waitedSecondsOf(sepal.server.pid) ?? 0) - (waitedBefore ?? 0);
    const serverWaited = waitedBefore === null ? null : waited / elapsed;
    sepal.server.forgetOutput();
    runs.push({ run, serverCpu, serverWaited, ...result });
    console.log(
      `run ${run} of ${repeats}: offered ${Math.round(rate)}/s, p50 ${result.p50?.toFixed(2) ?? "?"} ms, ` +
        `p99 ${result.p99?.toFixed(2) ?? "?"} ms, late ${(lateShare(result) * 100).toFixed(2)} %`,
    );
  }
  return scenarioReport({
    name: "half-load",
    title: "Latency at half of saturation",
    summary: [
      `${saturationFound(saturation)}; half of that is offered.`,
      "Arrivals are Poisson and wait for nobody; latency counts from the time a request was due, so that a stalled server cannot hide.",
      "Requests that find every connection busy wait for one, and their latency counts that. Late requests are the generator's own delay.",
    ],
    command,
    parameters: { "seconds a run": seconds, "seconds of warm-up": WARM_UP_S, connections, repeats },
    placement: pinning.note,
    generators: [OPEN_LOOP_NAME, generatorName(saturation.client)],
    verdicts: [halfLoadVerdict(runs, saturation.distrust)],
    tables: [
      {
        title: `${formatNumber(rate, 0)} requests a second, one row each`,
        note: "The generator spins between requests, so its own core is always fully used. A server that waited for its core shared it with other programs or with threads of its own; 1 % of waiting is enough to make a p99.",
        columns: plainColumns([
          ["run", "run", 0],
          ["answered", "answered/s", 0],
          ...latencyKeys.map((key) => [key, `${key === "p999" ? "p99.9" : key} ms`, 2] as const),
          ["failed", "failed %", 2],
          ["waited", "found no connection", 0],
          ["late", "late %", 2],
          ["server", "server CPU %", 0],
          ["ready", "server waited for its core %", 2],
        ]),
        rows: runs.map((run) => ({
          run: run.run,
          answered: run.answered / seconds,
          p50: run.p50,
          p90: run.p90,
          p99: run.p99,
          p999: run.p999,
          failed: failedShare(run) * 100,
          waited: run.waited,
          late: lateShare(run) * 100,
          server: percentage(run.serverCpu),
          ready: percentage(run.serverWaited),
        })),
      },
    ],
    charts: [
      {
        kind: "bars",
        title: "Latency at half of saturation",
        unit: "milliseconds",
        bars: latencyKeys.map((key) => {
          const value = spread(runs.flatMap((run) => run[key] ?? []));
          const note = key === "p99" ? `asked ${HALF_LOAD_TARGET.must}` : "";
          return { label: key === "p999" ? "p99.9" : key, role: "subject", value, note };
        }),
      },
    ],
    samples: runs.map(flatSample),
  });
}
