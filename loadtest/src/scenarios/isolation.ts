import { setTimeout as pause } from "node:timers/promises";
import { startBatches } from "../clients/batch-client.ts";
import type { Phase } from "./isolation-phase.ts";
import { isolationReport, type IsolationOptions } from "./isolation-report.ts";
import { offerLoad, type OfferedResult } from "../clients/offer-load.ts";
import { planCores } from "../host/pinning.ts";
import { quantileBetween } from "../statistics/prometheus-text.ts";
import type { Report } from "../report/report.ts";
import { longestLoopDelay, requestsOf, scrapeMetrics } from "../servers/server-metrics.ts";
import { startSepal, type SepalUnderLoad } from "../servers/sepal-server.ts";

/** Rows of the large batch. */
const ROWS = 100_000;

/** Seconds of single predictions before those that count. */
const WARM_UP_S = 1;

/** Seconds of both kinds of load before the first round. */
const BOTH_WARM_UP_S = 5;

const singles = { name: "http_request_duration_seconds", labels: { handler: "/predict" } };

interface Setup {
  readonly sepal: SepalUnderLoad;
  readonly options: IsolationOptions;
  readonly batch: { readonly url: string; readonly file: string };
  readonly client: number | null;
}

/** The server tells event-loop delay for full windows of 10 s: so long that the last one lies within the phase. */
const LOOP_WINDOWS_S = 21;

async function visit(
  { sepal, options, batch, client }: Setup,
  round: number,
  kind: Phase["kind"],
): Promise<Phase> {
  const { rate, connections, duration: seconds } = options;
  const { url, bodies, server } = sepal;
  const batches = kind === "alone" ? null : await startBatches(batch, client);
  const before = await scrapeMetrics(server.url);
  let run: OfferedResult | null = null;
  if (kind === "batches only") {
    await pause(Math.max(seconds, LOOP_WINDOWS_S) * 1000);
  } else {
    const load = { url, bodies, rate, connections, seconds, naps: true } as const;
    run = await offerLoad({ ...load, schedule: "poisson", warmUpSeconds: WARM_UP_S }, client);
  }
  const after = await scrapeMetrics(server.url);
  await batches?.stop();
  server.forgetOutput();
  const handler = "/predict-batch";
  return {
    round,
    kind,
    run,
    seenByServer: quantileBetween(before, after, singles, 0.99),
    loopDelay: longestLoopDelay(after),
    batches: requestsOf(after, handler, "2xx") - requestsOf(before, handler, "2xx"),
  };
}

/** Single predictions with and without a client that sends huge batches without pause. */
export async function runIsolation(options: IsolationOptions, command: string): Promise<Report> {
  const placement = planCores(2);
  await using sepal = await startSepal(options.port, placement.server);
  const batch = sepal.bodiesOf(ROWS, 1);
  const setup = { sepal, options, batch, client: placement.client };
  console.log(placement.note);
  // Both lanes warm up before the first round.
  await visit({ ...setup, options: { ...options, duration: BOTH_WARM_UP_S } }, 0, "with batches");
  const phases: Phase[] = [];
  for (let round = 1; round <= options.repeats; round += 1) {
    for (const kind of ["alone", "with batches", "batches only"] as const) {
      const phase = await visit(setup, round, kind);
      phases.push(phase);
      const p99 = phase.run === null ? "" : `p99 ${phase.run.p99?.toFixed(2) ?? "?"} ms, `;
      console.log(
        `round ${round} of ${options.repeats}, ${kind}: ${p99}${phase.batches} batches, ` +
          `longest event-loop delay ${phase.loopDelay.toFixed(1)} ms`,
      );
    }
  }
  return isolationReport({ phases, rows: ROWS, options, placement: placement.note, command });
}
