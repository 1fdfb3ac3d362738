import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { defineExperiment, PORT } from "../experiment.ts";
import { planPinning, usageOf, type Pinning } from "../harness/host.ts";
import { errorCount } from "../harness/measure.ts";
import {
  lateShare,
  offerLoad,
  OPEN_LOOP_NAME,
  TOO_LATE,
  type OfferedResult,
} from "../harness/open-loop.ts";
import { startSepal } from "../harness/servers.ts";
import { mebibytes, spread, type Point } from "../harness/statistics.ts";
import { generatorName } from "../report/build-report.ts";
import { formatPercent } from "../report/format.ts";
import { lines, table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { memoryGrowth, verdictOn, WARM_UP, type Target } from "../report/verdicts.ts";
import { findSaturation, saturationFound, type Saturation } from "./saturation.ts";

/** Seconds of a window: one rate, and a sample of the memory at its end. */
const WINDOW_S = 10;
const WARM_UP_S = 2;

/** Rows a request: the work has to cost more than its refusal, which costs what a canned response does. */
const ROWS = 200;
const BODIES = 64;

/** Longest estimated wait that the server is told to allow: it bounds the latency of what is accepted. */
const QUEUE_MAX_WAIT_MS = "3";

/** Rejections that were read whole, and how many of them were not as promised. */
interface Refusals {
  readonly seen: number;
  readonly malformed: number;
}

/** Reads responses beside a load until it is stopped. */
interface RefusalProbe extends AsyncDisposable {
  stop(): Promise<Refusals>;
}

const PROBE_MS = 50;

/** Whether a 503 is what clients are promised: JSON with a reason, and a time to come back. */
function wellFormed(headers: Headers, text: string): boolean {
  const seconds = Number(headers.get("retry-after"));
  const isJson = headers.get("content-type")?.startsWith("application/json") === true;
  if (!isJson || !Number.isInteger(seconds) || seconds < 1) return false;
  try {
    const { detail, request_id: id } = Object(JSON.parse(text));
    return typeof detail === "string" && typeof id === "string";
  } catch {
    return false;
  }
}

/** Sends a prediction every 50 ms, as a client of its own, and checks the rejections among the responses. */
function probeRefusals(url: string, bodiesFile: string): RefusalProbe {
  const [body = ""] = readFileSync(bodiesFile, "utf8").split("\n");
  const end = new AbortController();
  const found = { seen: 0, malformed: 0 };
  const run = async () => {
    while (!end.signal.aborted) {
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body }).catch(() => null);
      const text = await response?.text();
      if (response?.status === 503 && text !== undefined) {
        found.seen += 1;
        if (!wellFormed(response.headers, text)) found.malformed += 1;
      }
      await pause(PROBE_MS);
    }
  };
  const running = run();
  const stop = async () => {
    end.abort();
    await running;
    return found;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** Some seconds at one rate; the first are those at 80 % of saturation. */
export interface OverloadPoint extends OfferedResult {
  readonly share: number;
  /** Requests a second. */
  readonly offered: number;
  readonly seconds: number;
  readonly residentBytes: number | null;
}

interface Overload {
  readonly points: readonly OverloadPoint[];
  readonly refusals: Refusals;
  /** Why the saturation is in doubt, or null. */
  readonly distrust: string | null;
}

/** Seconds of overload that the bound on memory is for; shorter ones prove nothing about slow growth. */
const FULL_SECONDS = 600;

/** Most windows that may be left out of the p99, as a share. */
const MOST_LEFT_OUT = 0.1;

const SLOWDOWN: Target = {
  figure: "p99 of the accepted at twice saturation against that at 80 %",
  must: 3,
  aim: 2,
  better: "lower",
  text: (value) => `${value.toFixed(2)} times`,
};
const MALFORMED: Target = {
  figure: "refusals that were no well-formed 503, and requests without a response",
  must: 0,
  aim: 0,
  better: "lower",
  text: (value) => String(value),
};

function sum(points: readonly OverloadPoint[], of: (point: OverloadPoint) => number): number {
  return points.reduce((total, point) => total + of(point), 0);
}

/** Shares that the generator sent late at 80 % and in the whole overload, and how many of its windows were late. */
interface Lateness {
  readonly below80: number;
  readonly whole: number;
  readonly late: number;
  readonly windows: number;
}

/** Why the figures are the generator's own delay, or null. */
function lateness({ below80, whole, late, windows }: Lateness): string | null {
  const generator = "the generator itself was late";
  if (below80 > TOO_LATE) return `${generator} for ${formatPercent(below80, 1)} at 80 %`;
  if (whole > TOO_LATE) return `${generator} for ${formatPercent(whole, 1)} of all requests`;
  if (late > windows * MOST_LEFT_OUT) return `${generator} in ${late} of ${windows} windows`;
  return null;
}

/** The p99 of each window on time against that at 80 %; the generator's lateness is judged over all requests. */
function slowdownVerdict([below, ...beyond]: Overload["points"], distrust: string | null): Verdict {
  const ratios = (windows: readonly OverloadPoint[]) =>
    spread(windows.map(({ p99 }) => (p99 === null || !below?.p99 ? null : p99 / below.p99)));
  const onTime = beyond.filter((point) => lateShare(point) <= TOO_LATE);
  const late = beyond.length - onTime.length;
  const worst = Math.max(0, ...beyond.map(lateShare));
  const due = sum(beyond, (point) => point.due);
  const whole = lateShare({ due, late: sum(beyond, (point) => point.late) });
  const below80 = below === undefined ? 0 : lateShare(below);
  const refused = formatPercent(sum(beyond, (point) => point.refused) / Math.max(1, due), 1);
  const all = ratios(beyond);
  const leftOut =
    late === 0
      ? ""
      : `; ${late} of ${beyond.length} windows left out, sent late for up to ${formatPercent(worst, 1)}, with them ${all === null ? "–" : `${SLOWDOWN.text(all.median)} (to ${SLOWDOWN.text(all.max)})`}`;
  return verdictOn(SLOWDOWN, ratios(onTime), {
    reason: `${refused} refused; ${formatPercent(whole, 1)} of all sent late${leftOut}`,
    distrust: distrust ?? lateness({ below80, whole, late, windows: beyond.length }),
  });
}

function memoryVerdict([, ...beyond]: Overload["points"]): Verdict {
  const seconds = sum(beyond, (point) => point.seconds);
  let at = 0;
  const samples = beyond.flatMap((point): Point[] => {
    at += point.seconds;
    return point.residentBytes === null ? [] : [[at, point.residentBytes]];
  });
  return memoryGrowth({
    figure: "resident memory after the first third: growth in ten minutes by its Theil-Sen slope",
    samples,
    seconds,
    warmUp: `${Math.round(seconds * WARM_UP)} of ${seconds} s`,
    over: FULL_SECONDS,
    distrust: seconds < FULL_SECONDS ? `only ${seconds} s of ${FULL_SECONDS}` : null,
  });
}

/** Judges the overload; only the seconds at twice saturation count for memory and refusals. */
export function overloadVerdicts({ points, refusals, distrust }: Overload): Verdict[] {
  const beyond = points.slice(1);
  const refused = sum(beyond, (point) => point.refused);
  const lost = sum(beyond, ({ errors }) => errorCount(errors));
  return [
    slowdownVerdict(points, distrust),
    verdictOn(MALFORMED, refusals.seen === 0 ? null : spread([refusals.malformed + lost]), {
      reason: `${refusals.seen} refusals read whole, ${refused} counted, ${lost} requests without a response`,
      distrust: null,
    }),
    memoryVerdict(points),
  ];
}

/** Saturation of a server that rejects nothing: under a closed loop, one that rejects would reject the more. */
async function unboundedSaturation(port: number, { server, client }: Pinning): Promise<Saturation> {
  await using sepal = await startSepal(port, server);
  const { url, file: bodies } = sepal.bodiesOf(ROWS, BODIES);
  const loaded = { url, bodies, server: sepal.server };
  // Warm-up: until its code is optimised, a server has a third less throughput.
  await findSaturation(loaded, client);
  return await findSaturation(loaded, client);
}

/** A figure over the seconds at twice saturation, with that at 80 % as a mark. */
function overTime(
  [below, ...beyond]: readonly OverloadPoint[],
  title: string,
  unit: string,
  of: (point: OverloadPoint) => number | null,
) {
  let seconds = 0;
  const base = below === undefined ? null : of(below);
  const points = beyond.flatMap((point): [number, number][] => {
    seconds += point.seconds;
    const value = of(point);
    return value === null ? [] : [[seconds, value]];
  });
  return lines({
    title,
    x: "seconds of overload",
    y: unit,
    series: [{ name: "at twice saturation", points }],
    marks: base === null ? [] : [{ label: "at 80 %", y: base }],
  });
}

const residentMiB = ({ residentBytes }: OverloadPoint) =>
  residentBytes === null ? null : mebibytes(residentBytes);

/** Offers a server twice its saturation, and compares the latency of what it accepts with that at 80 %. */
export const overload = defineExperiment({
  name: "overload",
  asks: "p99 of what is accepted at twice saturation against that at 80 %, refusals and memory",
  options: {
    duration: [FULL_SECONDS, "seconds of overload"],
    connections: [1000, "connections"],
    port: PORT,
  },
  async run({ duration, connections, port }) {
    const pinning = planPinning();
    const saturation = await unboundedSaturation(port, pinning);
    await using sepal = await startSepal(port, pinning.server, { QUEUE_MAX_WAIT_MS });
    const { server } = sepal;
    const { url, file: bodies } = sepal.bodiesOf(ROWS, BODIES);
    console.log(`${pinning.note}; closed loop: ${Math.round(saturation.rate)} req/s`);
    const offer = async (share: number, seconds: number): Promise<OverloadPoint> => {
      const rate = saturation.rate * share;
      const load = { url, bodies, rate, connections, seconds, naps: false } as const;
      const result = await offerLoad(
        { ...load, schedule: "poisson", warmUpSeconds: WARM_UP_S },
        pinning.client,
      );
      const residentBytes = usageOf(server.pid)?.residentBytes ?? null;
      server.forgetOutput();
      console.log(
        `${share * 100} %: ${Math.round(result.answered / seconds)}/s accepted with p99 ${result.p99?.toFixed(1) ?? "?"} ms, ` +
          `${Math.round(result.refused / seconds)}/s refused, late ${result.late} of ${result.due}`,
      );
      return { share, offered: rate, seconds, residentBytes, ...result };
    };
    // Warm-up as well: this server is another process.
    await offer(0.8, WINDOW_S);
    const runs = [await offer(0.8, WINDOW_S)];
    await using probe = probeRefusals(url, bodies);
    for (let left = duration; left > 0; left -= WINDOW_S) {
      runs.push(await offer(2, Math.min(WINDOW_S, left)));
    }
    return {
      runs,
      refusals: await probe.stop(),
      saturation,
      placement: pinning.note,
      generators: [OPEN_LOOP_NAME, generatorName(saturation.client)],
    };
  },
  title: () => "Twice as many requests as the server can answer",
  summary: ({ saturation }) => [
    `${saturationFound(saturation)}; that is 100 %; that server refused nothing.`,
    "Arrivals are Poisson and do not wait for responses; latency counts from the time a request was due. The server runs with QUEUE_MAX_WAIT_MS=3. A request has two hundred rows: its refusal costs as much as a canned response over node:http, and of single rows of the iris forest twice saturation is more than that floor itself takes, so they could not even all be refused.",
  ],
  targets: ({ runs: points, refusals, saturation: { distrust } }) =>
    overloadVerdicts({ points, refusals, distrust }),
  tables: ({ runs }) => [
    table(
      "Sepal REST, two hundred rows a request",
      runs,
      [
        ["share", "% of saturation", 0, (run) => run.share * 100],
        ["offered", "offered/s", 0],
        ["accepted", "accepted/s", 0, (run) => run.answered / run.seconds],
        ["refused", "refused/s", 0, (run) => run.refused / run.seconds],
        ["p50", "p50 ms", 2],
        ["p99", "p99 ms", 2],
        ["waited", "found no connection", 0],
        ["late", "late %", 1, (run) => lateShare(run) * 100],
        ["resident", "resident MiB", 1, residentMiB],
      ],
      `A window at twice saturation with more than ${TOO_LATE * 100} % sent late is shown and left out of the p99 that is judged.`,
    ),
  ],
  charts: ({ runs }) => [
    overTime(runs, "Latency of what is accepted", "p99, milliseconds", ({ p99 }) => p99),
    overTime(runs, "Resident memory", "MiB", residentMiB),
  ],
});
