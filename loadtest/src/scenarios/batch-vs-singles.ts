import { readRequests } from "../clients/read-requests.ts";
import type { Report, Verdict } from "../report/report.ts";
import { ratioWithinRounds } from "../statistics/ratios.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { scenarioReport } from "./scenario-report.ts";
import { startSepal } from "../servers/sepal-server.ts";
import { spread } from "../statistics/statistics.ts";
import { openStopwatch } from "../clients/stopwatch.ts";

const ROWS = 100;

/** Repetitions before those that count. */
const WARM_UP = 20;

const WAYS = [
  { key: "turn", label: `${ROWS} singles, one after the other`, batch: false },
  { key: "once", label: `${ROWS} singles, all at once`, batch: false },
  { key: "batch", label: `one batch of ${ROWS}`, batch: true },
] as const;

type Key = (typeof WAYS)[number]["key"];

interface Lap {
  readonly round: number;
  readonly way: Key;
  readonly milliseconds: number;
}

function verdict(laps: readonly Lap[], way: Key, label: string): Verdict {
  const of = (key: Key) =>
    laps
      .filter((lap) => lap.way === key)
      .map(({ round, milliseconds }) => ({ round, value: milliseconds }));
  const ratio = ratioWithinRounds(of(way), of("batch"))?.median ?? 0;
  return {
    figure: `${label}, against one batch`,
    asked: "> 1x",
    aim: null,
    measured: `${ratio.toFixed(1)}x`,
    verdict: ratio > 1 ? "met" : "missed",
    reason: "median of ratios inside the rounds, the same rows each way",
  };
}

/** The same hundred rows as singles and as one batch. */
export async function runBatchVsSingles(
  options: ScenarioOptions<"repeats" | "port">,
  command: string,
): Promise<Report> {
  await using sepal = await startSepal(options.port, null);
  const batch = sepal.bodiesOf(ROWS, 1);
  const singleUrl = new URL(sepal.url);
  const batchUrl = new URL(batch.url);
  const singles = readRequests(singleUrl, sepal.bodies).slice(0, ROWS);
  const whole = readRequests(batchUrl, batch.file);
  const laps: Lap[] = [];
  using turn = await openStopwatch(singleUrl, 1);
  using once = await openStopwatch(singleUrl, ROWS);
  using one = await openStopwatch(batchUrl, 1);
  const time = {
    turn: () => turn.time(singles),
    once: () => once.time(singles),
    batch: () => one.time(whole),
  };
  for (let round = 1 - WARM_UP; round <= options.repeats; round += 1) {
    for (const { key } of WAYS) {
      const milliseconds = await time[key]();
      if (round > 0) laps.push({ round, way: key, milliseconds });
    }
    if (round > 0 && round % 50 === 0) console.log(`round ${round} of ${options.repeats}`);
  }
  const times = (key: Key) =>
    spread(laps.flatMap(({ way, milliseconds }) => (way === key ? [milliseconds] : [])));
  return scenarioReport({
    name: "batch-vs-singles",
    title: `${ROWS} single predictions against one batch of ${ROWS}`,
    summary: [
      "The same rows each way, over connections that are open already; time from the first byte sent to the last answer read.",
    ],
    command,
    parameters: { repeats: options.repeats, rows: ROWS },
    placement: "not pinned",
    generators: ["raw requests on node:net"],
    verdicts: WAYS.slice(0, 2).map(({ key, label }) => verdict(laps, key, label)),
    tables: [
      {
        title: `Time for ${ROWS} rows`,
        note: `Medians of ${options.repeats}, extremes in brackets.`,
        columns: [
          { key: "label", label: "way", digits: null, spread: false },
          { key: "time", label: "ms", digits: 2, spread: true },
        ],
        rows: WAYS.map(({ key, label }) => ({ label, time: times(key) })),
      },
    ],
    charts: [
      {
        kind: "bars",
        title: `Time for ${ROWS} rows`,
        unit: "milliseconds",
        bars: WAYS.map(({ key, label, batch }) => ({
          label,
          role: batch ? "subject" : "other",
          value: times(key),
          note: "",
        })),
      },
    ],
    samples: laps.map(({ round, way, milliseconds }) => ({ round, way, milliseconds })),
  });
}
