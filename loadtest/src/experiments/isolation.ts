import { setTimeout as pause } from "node:timers/promises";
import type { Quantile } from "@sepal/schema/prometheus-text";
import { defineExperiment, PORT } from "../experiment.ts";
import { startBatches } from "../harness/batch-client.ts";
import { planCores } from "../harness/host.ts";
import {
  failedShare,
  lateShare,
  offerLoad,
  OPEN_LOOP_NAME,
  TOO_LATE,
  type OfferedResult,
} from "../harness/open-loop.ts";
import {
  loopDelay,
  quantileBetween,
  requestsOf,
  scrapeMetrics,
} from "../harness/server-metrics.ts";
import { startSepal, type SepalUnderLoad } from "../harness/servers.ts";
import { ratioWithinRounds, spread, type RoundValue } from "../harness/statistics.ts";
import { formatNumber, formatPercent } from "../report/format.ts";
import { bars, table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { missedIf, verdictOn, type Target } from "../report/verdicts.ts";

/** Rows of the large batch. */
const ROWS = 100_000;

/** Seconds of single predictions before those that count. */
const WARM_UP_S = 1;

/** Seconds of both kinds of load before the first round. */
const BOTH_WARM_UP_S = 5;

/** The server reports event-loop delay for full windows of 10 s: so long that the last one lies within the phase. */
const LOOP_WINDOWS_S = 21;

/** A stretch of time under one kind of load. */
export interface Phase {
  readonly round: number;
  readonly kind: "alone" | "with batches" | "batches only";
  /** The single predictions as their client saw them; null without any. */
  readonly run: OfferedResult | null;
  /** Their p99 in seconds as the server's histogram has it. */
  readonly serverP99: Quantile | null;
  /** Longest delay of the event loop, in milliseconds. */
  readonly loopDelay: number;
  /** Batches that got a response. */
  readonly batches: number;
}

const P99_RATIO: Target = {
  figure: "p99 of singles while large batches run, against the same load without them",
  must: 3,
  aim: 1.5,
  better: "lower",
  text: (value) => `${value.toFixed(2)}x`,
};

const LOOP_DELAY: Target = {
  figure: "longest event-loop delay during large batches",
  must: 10,
  aim: 3,
  better: "lower",
  text: (value) => `${value.toFixed(1)} ms`,
};

/** Seconds of a quantile; its bucket's lower bound where it lies past the last bound. */
function secondsOf(quantile: Quantile | null): number | null {
  if (quantile === null) return null;
  return quantile.kind === "within" ? quantile.value : quantile.lower;
}

function bucketText(quantile: Quantile | null): string | null {
  if (quantile === null) return null;
  const ms = (seconds: number) => seconds * 1000;
  if (quantile.kind === "at_least") return `at least ${ms(quantile.lower)}`;
  return `${ms(quantile.value).toFixed(2)} (${ms(quantile.lower)}–${ms(quantile.upper)})`;
}

/** Figures of the singles with batches against those alone, inside each round. */
function ratio(phases: readonly Phase[], of: (phase: Phase) => number | null) {
  const values = (kind: Phase["kind"]) =>
    phases.flatMap((phase): RoundValue[] => {
      const value = phase.kind === kind ? of(phase) : null;
      return value === null ? [] : [{ round: phase.round, value }];
    });
  return ratioWithinRounds(values("with batches"), values("alone"));
}

/** Why the singles' figures are not the server's, or null. */
function doubt(phases: readonly Phase[]): string | null {
  const late = Math.max(0, ...phases.map(({ run }) => (run === null ? 0 : lateShare(run))));
  if (late > TOO_LATE) {
    return `the generator itself was late for up to ${formatPercent(late, 1)} of the requests`;
  }
  const idle = phases.some(({ kind, batches }) => kind !== "alone" && batches === 0);
  return idle ? "a phase with batches saw none of them finish" : null;
}

/** Judges the singles by what their client saw, and the event loop by the server's gauge. */
export function isolationVerdicts(phases: readonly Phase[]): Verdict[] {
  const byServer = ratio(phases, ({ serverP99 }) => secondsOf(serverP99));
  const failed = Math.max(0, ...phases.map(({ run }) => (run === null ? 0 : failedShare(run))));
  const singles = verdictOn(
    P99_RATIO,
    ratio(phases, ({ run }) => run?.p99 ?? null),
    {
      reason: `median of ratios inside the rounds as the client saw it; ${byServer === null ? "nothing" : P99_RATIO.text(byServer.median)} by the server's histogram`,
      distrust: doubt(phases),
    },
  );
  const delaysOf = (kind: Phase["kind"]) =>
    spread(phases.map((phase) => (phase.kind === kind ? phase.loopDelay : null)));
  const beside = delaysOf("with batches");
  const batches = phases.reduce(
    (sum, phase) => sum + (phase.kind === "batches only" ? phase.batches : 0),
    0,
  );
  const loop = verdictOn(LOOP_DELAY, delaysOf("batches only"), {
    reason: `median over the rounds of the longest delay while nothing but batches ran (${batches} of ${formatNumber(ROWS)} rows); ${beside === null ? "not measured" : LOOP_DELAY.text(beside.median)} with singles beside them`,
    distrust: batches === 0 ? "no batch finished" : null,
  });
  const why = `up to ${formatPercent(failed, 2)} of the single predictions failed`;
  return [missedIf(failed > 0 ? why : null, singles), loop];
}

interface Setup {
  readonly sepal: SepalUnderLoad;
  readonly load: {
    readonly rate: number;
    readonly connections: number;
    readonly seconds: number;
  };
  readonly batch: { readonly url: string; readonly file: string };
  readonly client: number | null;
}

async function runPhase(
  { sepal, load, batch, client }: Setup,
  round: number,
  kind: Phase["kind"],
): Promise<Phase> {
  const { url, bodies, server } = sepal;
  const batches = kind === "alone" ? null : await startBatches(batch, client);
  const before = await scrapeMetrics(server.url);
  let run: OfferedResult | null = null;
  if (kind === "batches only") {
    await pause(Math.max(load.seconds, LOOP_WINDOWS_S) * 1000);
  } else {
    const offered = { url, bodies, ...load, naps: true, warmUpSeconds: WARM_UP_S };
    run = await offerLoad({ ...offered, schedule: "poisson" }, client);
  }
  const after = await scrapeMetrics(server.url);
  await batches?.stop();
  server.forgetOutput();
  const singles = { name: "http_request_duration_seconds", labels: { handler: "/predict" } };
  const done = (metrics: typeof after) => requestsOf(metrics, "/predict-batch", "2xx");
  return {
    round,
    kind,
    run,
    serverP99: quantileBetween(before, after, singles, 0.99),
    loopDelay: loopDelay(after, "1"),
    batches: done(after) - done(before),
  };
}

/** Single predictions with and without a client that sends huge batches without pause. */
export const isolation = defineExperiment({
  name: "isolation",
  asks: "p99 of single predictions while batches of 100,000 rows run, and the longest event-loop delay",
  options: {
    rate: [1000, "single predictions a second"],
    duration: [10, "seconds a phase"],
    connections: [64, "connections"],
    repeats: [3, "repeats"],
    port: PORT,
  },
  async run({ rate, duration: seconds, connections, repeats, port }) {
    const placement = planCores(2);
    await using sepal = await startSepal(port, placement.server);
    const load = { rate, connections, seconds };
    const setup = { sepal, load, batch: sepal.bodiesOf(ROWS, 1), client: placement.client };
    console.log(placement.note);
    // Singles and batches both warm up before the first round.
    const warmUp = { ...setup, load: { ...load, seconds: BOTH_WARM_UP_S } };
    await runPhase(warmUp, 0, "with batches");
    const phases: Phase[] = [];
    for (let round = 1; round <= repeats; round += 1) {
      for (const kind of ["alone", "with batches", "batches only"] as const) {
        const phase = await runPhase(setup, round, kind);
        phases.push(phase);
        const p99 = phase.run === null ? "" : `p99 ${phase.run.p99?.toFixed(2) ?? "?"} ms, `;
        console.log(
          `round ${round} of ${repeats}, ${kind}: ${p99}${phase.batches} batches, ` +
            `longest event-loop delay ${phase.loopDelay.toFixed(1)} ms`,
        );
      }
    }
    const priority = phases.find(({ run }) => run)?.run?.priority ?? "unknown";
    return {
      phases,
      runs: phases.map(({ run, serverP99, ...phase }) =>
        Object.assign({ seenByServer: secondsOf(serverP99) }, phase, run),
      ),
      placement: placement.note,
      generators: [OPEN_LOOP_NAME],
      parameters: { "rows a batch": ROWS, "priority of the singles' generator": priority },
    };
  },
  title: () => `Single predictions beside batches of ${formatNumber(ROWS)} rows`,
  summary: (_, { rate }) => [
    `${rate} single predictions a second arrive as a Poisson process, without and with one client that sends batches of ${formatNumber(ROWS)} rows without pause, in turn; ratios are formed inside each round.`,
    "Latency counts from the time a request was due.",
    "Where the machine has no cores to spare, the clients share those of the server: the batch client then runs at the lowest priority and discards its responses unread, and the generator of the singles takes precedence over all other processes where it may, in real time or by its priority, and naps for 50 µs and more between checks of the clock, which its figures contain. The server's own histogram stands beside them; it leaves out the time before the server reads a request.",
    "The event-loop delay is the server's own gauge of the longest delay since the last scrape. It samples every 10 ms, so a single delay may be read up to 10 ms short; the longest of many batches is near the truth. The time in which the system gave the core to others counts as delay.",
  ],
  targets: ({ phases }) => isolationVerdicts(phases),
  tables: ({ phases }) => [
    table(
      "Phases in the order they ran",
      phases,
      [
        ["round", "round", 0],
        ["kind", "load", null],
        ["p50", "p50 ms", 2, ({ run }) => run && run.p50],
        ["p99", "p99 ms", 2, ({ run }) => run && run.p99],
        ["p999", "p99.9 ms", 2, ({ run }) => run && run.p999],
        ["server", "p99 ms by the server", null, ({ serverP99 }) => bucketText(serverP99)],
        ["late", "late %", 2, ({ run }) => run && lateShare(run) * 100],
        ["failed", "failed %", 2, ({ run }) => run && failedShare(run) * 100],
        ["batches", "batches", 0],
        ["loop", "longest event-loop delay ms", 1, (phase) => phase.loopDelay],
      ],
      "The server's p99 is interpolated inside the bucket in brackets.",
    ),
  ],
  charts: ({ phases }) => [
    bars(
      "p99 of single predictions",
      "milliseconds, as the client saw them",
      (["alone", "with batches"] as const).map((kind) => ({
        label: kind,
        role: kind === "alone" ? "reference" : "subject",
        value: spread(
          phases.map((phase) => (phase.kind === kind ? (phase.run?.p99 ?? null) : null)),
        ),
      })),
    ),
  ],
});
