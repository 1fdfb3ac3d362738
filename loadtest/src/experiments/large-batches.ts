import { defineExperiment, PORT } from "../experiment.ts";
import { planCores, planPinning } from "../harness/host.ts";
import { closedLoopClient } from "../harness/load-generators.ts";
import { errorCount, measure, runLoad, type Sample } from "../harness/measure.ts";
import { startSepal } from "../harness/servers.ts";
import { percent, spread } from "../harness/statistics.ts";
import { generatorName } from "../report/build-report.ts";
import { formatNumber, formatRowRate } from "../report/format.ts";
import { bars, table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { verdictOn } from "../report/verdicts.ts";

/** Seconds of load before those that count. */
const WARM_UP_S = 3;

/** Different bodies the connections go through. */
const BODIES = 4;

/** Rows of a batch that the targets are for. */
const TARGET_ROWS = 10_000;

/** What a number of cores must reach, in rows a second. */
const TARGETS = [
  { cores: 1, label: "one core", must: 400_000, aim: 600_000 },
  { cores: 2, label: "two cores", must: 550_000, aim: 900_000 },
] as const;

/** A measured run of a server on so many cores. */
export interface CoresRun extends Omit<Sample, "peer" | "workload"> {
  readonly cores: 1 | 2;
  readonly rowsPerSecond: number;
}

const ratesOf = (runs: readonly CoresRun[], cores: number) =>
  runs.flatMap((run) => (run.cores === cores ? [run.rowsPerSecond] : []));

/** Judges the runs on one core and on two. */
export function coresVerdicts(runs: readonly CoresRun[], rows: number): Verdict[] {
  const small = rows < TARGET_ROWS ? `only ${rows} rows a batch` : null;
  return TARGETS.map(({ cores, label, must, aim }) => {
    const own = runs.filter((run) => run.cores === cores);
    const failed = own.reduce((sum, { errors }) => sum + errorCount(errors), 0);
    return verdictOn(
      { figure: `rows a second, ${label}`, must, aim, better: "higher", text: formatRowRate },
      spread(ratesOf(runs, cores)),
      {
        reason: `median of ${own.length}`,
        distrust: failed > 0 ? `${failed} requests failed` : small,
      },
    );
  });
}

/** Batches of many rows on one core against two, in turn, each time in a fresh server with a thread a core. */
export const largeBatches = defineExperiment({
  name: "large-batches",
  asks: "rows a second of batches of 10,000 rows on one core and on two",
  options: {
    rows: [10_000, "rows a batch"],
    duration: [5, "seconds a run"],
    connections: [4, "connections"],
    repeats: [3, "repeats"],
    port: PORT,
  },
  async run({ duration: seconds, connections, repeats, rows, port }) {
    const [one, two] = [planPinning(), planCores(2)];
    const client = closedLoopClient();
    const runs: CoresRun[] = [];
    for (let round = 1; round <= repeats; round += 1) {
      for (const { cores } of TARGETS) {
        const place = cores === 1 ? one : two;
        const threads = { INFERENCE_THREADS: String(cores) };
        await using sepal = await startSepal(port, place.server, threads);
        const { url, file: bodies } = sepal.bodiesOf(rows, BODIES);
        const load = { url, bodies, connections };
        await runLoad(client, { ...load, seconds: WARM_UP_S }, place.client);
        const run = await measure(sepal.server, client, { ...load, seconds }, place.client);
        const rowsPerSecond = run.requestsPerSecond * rows;
        runs.push({ round, cores, rowsPerSecond, ...run });
        console.log(
          `round ${round} of ${repeats}, cores: ${cores}: ${Math.round(rowsPerSecond)} rows/s, ` +
            `${run.serverCpu?.toFixed(2) ?? "?"} cores used`,
        );
      }
    }
    const placement = `one: ${one.note}; two: ${two.note}`;
    return { runs, placement, generators: [generatorName(client.name)] };
  },
  title: ({ rows }) => `Batches of ${formatNumber(rows)} rows on one core and on two`,
  summary: (_, { connections, repeats }) => [
    `A closed loop of ${connections} connections on a server that has one core and one thread for large batches, and on one that has two of each, in turn, each time a fresh process; medians of ${repeats}.`,
    "Where the machine has no third core, the client takes its share from the server's two.",
  ],
  targets: ({ runs }, { rows }) => coresVerdicts(runs, rows),
  tables: ({ runs }) => [
    table(
      "Runs in the order they ran",
      runs,
      [
        ["round", "round", 0],
        ["label", "server", null, (run) => TARGETS[run.cores - 1]?.label ?? null],
        ["rate", "rows/s", 0, (run) => run.rowsPerSecond],
        ["p50", "p50 ms", 1],
        ["server", "server CPU %", 0, (run) => percent(run.serverCpu)],
        ["client", "client CPU %", 0, (run) => percent(run.clientCpu)],
        ["memory", "resident MiB", 0, (run) => run.residentMb],
      ],
      "100 % is one core.",
    ),
  ],
  charts: ({ runs }) => [
    bars(
      "Throughput",
      "rows/s",
      TARGETS.map(({ cores, label }) => ({ label, value: spread(ratesOf(runs, cores)) })),
    ),
  ],
});
