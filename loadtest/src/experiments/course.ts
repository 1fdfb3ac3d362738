import { defineExperiment, PORT } from "../experiment.ts";
import { planPinning } from "../harness/host.ts";
import { autocannonClient } from "../harness/load-generators.ts";
import { errorCount, measure } from "../harness/measure.ts";
import { requestsOf, scrapeMetrics } from "../harness/server-metrics.ts";
import { startSepal } from "../harness/servers.ts";
import { spread } from "../harness/statistics.ts";
import { generatorName } from "../report/build-report.ts";
import { formatNumber } from "../report/format.ts";
import { bars, percentileName, table } from "../report/parts.ts";

/** What the course asks of a server. */
const P99_MS = 100;
const REQUESTS_PER_SECOND = 500;

/** Milliseconds between two lines of progress, fewer where the whole takes less than three of them. */
const PROGRESS_MS = 10_000;

/** Prints how many requests got a response; a scrape that fails does not end the experiment. */
async function printProgress(origin: string): Promise<void> {
  try {
    const requests = requestsOf(await scrapeMetrics(origin), "/predict");
    console.log(`${formatNumber(requests)} requests`);
  } catch (error) {
    console.warn(String(error));
  }
}

/** The course's homework: users who each send their next request after the response to the last one. */
export const course = defineExperiment({
  name: "course",
  script: "loadtest",
  asks: "the course's homework: p99 below 100 ms and more than 500 requests a second with 100 users for a minute",
  options: { duration: [60, "seconds"], connections: [100, "connections"], port: PORT },
  async run({ duration: seconds, connections, port }) {
    const pinning = planPinning();
    await using sepal = await startSepal(port, pinning.server);
    console.log(`${connections} users for ${seconds} s; ${pinning.note}`);
    const load = { url: sepal.url, bodies: sepal.bodies, connections, seconds };
    const every = Math.min(PROGRESS_MS, (seconds * 1000) / 3);
    const progress = setInterval(() => void printProgress(sepal.server.url), every);
    const run = await measure(sepal.server, autocannonClient, load, pinning.client).finally(() =>
      clearInterval(progress),
    );
    const generators = [generatorName("autocannon")];
    return { run, runs: [run], placement: pinning.note, generators };
  },
  title: ({ connections, duration }) => `${connections} users for ${duration} seconds`,
  summary: () => ["A closed loop of single predictions over REST, as in the course's homework."],
  targets({ run }, { duration }) {
    const { p99, requestsPerSecond: rate } = run;
    const errors = errorCount(run.errors);
    const clean = errors === 0 ? "no errors" : `${errors} errors`;
    return [
      {
        figure: "p99",
        asked: `< ${P99_MS} ms`,
        aim: null,
        measured: p99 === null ? "–" : `${p99.toFixed(1)} ms`,
        verdict: p99 === null ? "not measured" : p99 < P99_MS && errors === 0 ? "met" : "missed",
        reason:
          p99 === null
            ? "fewer than 100 responses"
            : `99 of 100 responses came within ${p99.toFixed(1)} ms, ${clean}`,
      },
      {
        figure: "requests a second",
        asked: `> ${REQUESTS_PER_SECOND}`,
        aim: null,
        measured: formatNumber(rate),
        verdict: rate > REQUESTS_PER_SECOND && errors === 0 ? "met" : "missed",
        reason: `${formatNumber(run.requests)} responses in ${duration} s, ${clean}`,
      },
    ];
  },
  tables: ({ runs }) => [
    table("Sepal REST", runs, [
      ["rate", "req/s", 0, (run) => run.requestsPerSecond],
      ["p50", "p50 ms", 2],
      ["p95", "p95 ms", 2],
      ["p99", "p99 ms", 2],
      ["p999", "p99.9 ms", 2],
      ["errors", "errors", 0, (run) => errorCount(run.errors)],
    ]),
  ],
  charts: ({ run }) => [
    bars(
      "Latency",
      "milliseconds",
      (["p50", "p90", "p95", "p99", "p999"] as const).map((key) => ({
        label: percentileName(key),
        value: spread([run[key]]),
      })),
    ),
  ],
});
