import { autocannonClient } from "../clients/autocannon-client.ts";
import { formatNumber } from "../report/format-cell.ts";
import { generatorName } from "../servers/machine.ts";
import { measure } from "../servers/measure.ts";
import { planPinning } from "../host/pinning.ts";
import type { Report, Verdict } from "../report/report.ts";
import { errorCount } from "../clients/sample.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { plainColumns, scenarioReport } from "./scenario-report.ts";
import { requestsOf, scrapeMetrics } from "../servers/server-metrics.ts";
import { startSepal } from "../servers/sepal-server.ts";
import { spread } from "../statistics/statistics.ts";

/** What the course asks of a server. */
const P99_MS = 100;
const REQUESTS_PER_SECOND = 500;

/** Milliseconds between two lines of progress, fewer where the whole takes less than three of them. */
const PROGRESS_MS = 10_000;

/** Says how many were answered; a look that fails is none of the experiment's business. */
async function tellProgress(origin: string): Promise<void> {
  try {
    const answered = requestsOf(await scrapeMetrics(origin), "/predict");
    console.log(`${formatNumber(answered, 0)} requests answered`);
  } catch (error) {
    console.warn(String(error));
  }
}

/** The course's homework: users who each ask again as soon as they are answered. */
export async function runCourse(
  options: ScenarioOptions<"duration" | "connections" | "port">,
  command: string,
): Promise<Report> {
  const { duration: seconds, connections, port } = options;
  const pinning = planPinning();
  await using sepal = await startSepal(port, pinning.server);
  console.log(`${connections} users for ${seconds} s; ${pinning.note}`);
  const load = { url: sepal.url, bodies: sepal.bodies, connections, seconds };
  const progress = setInterval(
    () => void tellProgress(sepal.server.url),
    Math.min(PROGRESS_MS, (seconds * 1000) / 3),
  );
  const run = await measure(sepal.server, autocannonClient, load, pinning.client).finally(() =>
    clearInterval(progress),
  );
  const { p99, requestsPerSecond: rate } = run;
  const errors = errorCount(run.errors);
  const clean = errors === 0 ? "no errors" : `${errors} errors`;
  const verdicts: Verdict[] = [
    {
      figure: "p99",
      asked: `< ${P99_MS} ms`,
      aim: null,
      measured: p99 === null ? "–" : `${p99.toFixed(1)} ms`,
      verdict: p99 === null ? "not measured" : p99 < P99_MS && errors === 0 ? "met" : "missed",
      reason:
        p99 === null
          ? "fewer than 100 answers"
          : `99 of 100 answers came within ${p99.toFixed(1)} ms, ${clean}`,
    },
    {
      figure: "requests a second",
      asked: `> ${REQUESTS_PER_SECOND}`,
      aim: null,
      measured: formatNumber(rate, 0),
      verdict: rate > REQUESTS_PER_SECOND && errors === 0 ? "met" : "missed",
      reason: `${formatNumber(run.requests, 0)} answers in ${seconds} s, ${clean}`,
    },
  ];
  return scenarioReport({
    name: "course",
    title: `${connections} users for ${seconds} seconds`,
    summary: ["A closed loop of single predictions over REST, as in the course's homework."],
    command,
    parameters: { connections, seconds },
    placement: pinning.note,
    generators: [generatorName("autocannon")],
    verdicts,
    tables: [
      {
        title: "Sepal REST",
        note: null,
        columns: plainColumns([
          ["rate", "req/s", 0],
          ["p50", "p50 ms", 2],
          ["p95", "p95 ms", 2],
          ["p99", "p99 ms", 2],
          ["p999", "p99.9 ms", 2],
          ["errors", "errors", 0],
        ]),
        rows: [{ rate, p50: run.p50, p95: run.p95, p99, p999: run.p999, errors }],
      },
    ],
    charts: [
      {
        kind: "bars",
        title: "Latency",
        unit: "milliseconds",
        bars: (["p50", "p90", "p95", "p99", "p999"] as const).map((key) => {
          const value = run[key];
          return {
            label: key === "p999" ? "p99.9" : key,
            role: "subject",
            value: value === null ? null : spread([value]),
            note: "",
          };
        }),
      },
    ],
    samples: [{ ...run, errors }],
  });
}
