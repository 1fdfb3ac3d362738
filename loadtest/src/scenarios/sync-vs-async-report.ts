import type { Report } from "../report/report.ts";
import { REQUEST_TIMEOUT_S } from "../clients/load.ts";
import { errorCount, type Sample } from "../clients/sample.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { flatSample, plainColumns, scenarioReport } from "./scenario-report.ts";
import { spread } from "../statistics/statistics.ts";
import { verdictOn } from "../report/verdict-on.ts";

/** How long the other service takes, in milliseconds. */
export const UPSTREAM_MS = 100;

/** What the experiment may be told. */
export type SyncVsAsyncOptions = ScenarioOptions<"duration" | "connections" | "port">;

/** One way of calling the other service, under load; delays in milliseconds. */
export interface UpstreamRun extends Omit<Sample, "peer" | "workload" | "round"> {
  readonly mode: "blocking" | "async";
  readonly loopDelayMedian: number;
  readonly loopDelayMax: number;
}

const RATIO = {
  figure: "requests a second, async against blocking",
  must: 20,
  aim: 100,
  better: "higher",
  text: (value: number) => `${value.toFixed(0)}x`,
} as const;

/** Builds the report of the experiment. */
export function syncVsAsyncReport(
  runs: readonly UpstreamRun[],
  { duration, connections }: SyncVsAsyncOptions,
  command: string,
): Report {
  const rate = (mode: UpstreamRun["mode"]) =>
    runs.find((run) => run.mode === mode)?.requestsPerSecond ?? 0;
  const errors = (mode: UpstreamRun["mode"]) =>
    runs.flatMap((run) => (run.mode === mode ? errorCount(run.errors) : [])).at(0) ?? 0;
  const ratio = rate("blocking") === 0 ? [] : [rate("async") / rate("blocking")];
  const ideal = (connections * 1000) / UPSTREAM_MS;
  return scenarioReport({
    name: "sync-vs-async",
    title: "A slow service called blocking and called async",
    summary: [
      `Before it predicts, the server asks another service that takes ${UPSTREAM_MS} ms and serves any number at once. ${connections} users send a request each as soon as the last one is answered.`,
      `Who waits without blocking can have all ${connections} calls under way: at most ${ideal} requests a second. Who blocks has one: at most ${1000 / UPSTREAM_MS}.`,
      "Both servers are the same Fastify program with the same forest; only the call differs.",
    ],
    command,
    parameters: { connections, "seconds a run": duration, "upstream, ms": UPSTREAM_MS },
    placement: "not pinned",
    generators: ["autocannon"],
    verdicts: [
      verdictOn(RATIO, spread(ratio), {
        reason: `${rate("async").toFixed(0)} against ${rate("blocking").toFixed(1)} requests a second; errors ${errors("async")} against ${errors("blocking")}`,
        distrust: null,
      }),
    ],
    tables: [
      {
        title: `${connections} users`,
        note: `Event-loop delay as the server measures it itself, over the whole run. Blocking, all requests of one turn of the loop are answered only when the last of them is through; with all ${connections} users in one turn that takes ${(connections * UPSTREAM_MS) / 1000} s, and who is not in it waits for the next. Users give up after ${REQUEST_TIMEOUT_S} s and ask again, which the errors count; the percentiles hold that wait, too.`,
        columns: plainColumns([
          ["mode", "the call", null],
          ["rate", "req/s", 1],
          ["p50", "p50 ms", 0],
          ["p99", "p99 ms", 0],
          ["errors", "errors", 0],
          ["loopMedian", "event-loop delay ms, median", 1],
          ["loopMax", "longest", 0],
          ["cpu", "server CPU %", 0],
        ]),
        rows: runs.map((run) => ({
          mode: run.mode,
          rate: run.requestsPerSecond,
          p50: run.p50,
          p99: run.p99,
          errors: errorCount(run.errors),
          loopMedian: run.loopDelayMedian,
          loopMax: run.loopDelayMax,
          cpu: run.serverCpu === null ? null : run.serverCpu * 100,
        })),
      },
    ],
    charts: [
      {
        kind: "bars",
        title: "Requests a second",
        unit: "req/s",
        bars: runs.map(({ mode, requestsPerSecond }) => ({
          label: mode,
          role: mode === "async" ? "subject" : "reference",
          value: spread([requestsPerSecond]),
          note: "",
        })),
      },
    ],
    samples: runs.map((run) => flatSample(run)),
  });
}
