import { defineExperiment, PORT } from "../experiment.ts";
import { openStopwatch, readRequests } from "../harness/connections.ts";
import { startSepal } from "../harness/servers.ts";
import { ratioWithinRounds, spread } from "../harness/statistics.ts";
import { bars, table } from "../report/parts.ts";

const ROWS = 100;

/** Repetitions before those that count. */
const WARM_UP = 20;

const WAYS = [
  { key: "turn", label: `${ROWS} singles, one after the other`, batch: false },
  { key: "once", label: `${ROWS} singles, all at once`, batch: false },
  { key: "batch", label: `one batch of ${ROWS}`, batch: true },
] as const;

/** The same hundred rows as singles and as one batch. */
export const batchVsSingles = defineExperiment({
  name: "batch-vs-singles",
  asks: "time of 100 singles, in turn and at once, against one batch of the same 100 rows",
  options: { repeats: [200, "repeats"], port: PORT },
  async run({ repeats, port }) {
    await using sepal = await startSepal(port, null);
    const batch = sepal.bodiesOf(ROWS, 1);
    const [singleUrl, batchUrl] = [new URL(sepal.url), new URL(batch.url)];
    const singles = readRequests(singleUrl, sepal.bodies).slice(0, ROWS);
    const whole = readRequests(batchUrl, batch.file);
    using turn = await openStopwatch(singleUrl, 1);
    using once = await openStopwatch(singleUrl, ROWS);
    using one = await openStopwatch(batchUrl, 1);
    const time = {
      turn: () => turn.time(singles),
      once: () => once.time(singles),
      batch: () => one.time(whole),
    };
    const runs: { round: number; way: string; milliseconds: number }[] = [];
    for (let round = 1 - WARM_UP; round <= repeats; round += 1) {
      for (const { key: way } of WAYS) {
        const milliseconds = await time[way]();
        if (round > 0) runs.push({ round, way, milliseconds });
      }
      if (round > 0 && round % 50 === 0) console.log(`round ${round} of ${repeats}`);
    }
    const ways = WAYS.map(({ key, label, batch }) => ({
      label,
      batch,
      rounds: runs
        .filter(({ way }) => way === key)
        .map(({ round, milliseconds: value }) => ({ round, value })),
    }));
    const generators = ["raw requests on node:net"];
    return { runs, ways, generators, parameters: { rows: ROWS } };
  },
  title: () => `${ROWS} single predictions against one batch of ${ROWS}`,
  summary: () => [
    "The same rows each way, over connections that are open already; time from the first byte sent to the last response read.",
  ],
  targets({ ways }) {
    const batch = ways.find((way) => way.batch)?.rounds ?? [];
    return ways
      .filter((way) => !way.batch)
      .map(({ label, rounds }) => {
        const ratio = ratioWithinRounds(rounds, batch)?.median ?? 0;
        return {
          figure: `${label}, against one batch`,
          asked: "> 1x",
          aim: null,
          measured: `${ratio.toFixed(1)}x`,
          verdict: ratio > 1 ? "met" : "missed",
          reason: "median of ratios inside the rounds, the same rows each way",
        };
      });
  },
  tables: ({ ways }, { repeats }) => [
    table(
      `Time for ${ROWS} rows`,
      ways,
      [
        ["label", "way", null],
        ["time", "ms", 2, ({ rounds }) => spread(rounds.map(({ value }) => value))],
      ],
      `Medians of ${repeats}, extremes in brackets.`,
    ),
  ],
  charts: ({ ways }) => [
    bars(
      `Time for ${ROWS} rows`,
      "milliseconds",
      ways.map(({ label, batch, rounds }) => ({
        label,
        role: batch ? "subject" : "other",
        value: spread(rounds.map(({ value }) => value)),
      })),
    ),
  ],
});
