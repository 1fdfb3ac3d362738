import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../clients/iris-rows.ts";
import { planCores } from "../host/pinning.ts";
import type { Report } from "../report/report.ts";
import { startSepal } from "../servers/sepal-server.ts";
import { GRAPHS, SwapRepository } from "../servers/swap-repository.ts";
import { readGoldenAnswers } from "./golden-answers.ts";
import { lookAt, type Look } from "./look.ts";
import { SoakClient } from "./soak-client.ts";
import { soakReport, type SoakOptions } from "./soak-report.ts";
import type { SoakWindow } from "./soak-verdicts.ts";
import { keepSwapping } from "./swapper.ts";
import { Traffic } from "./traffic.ts";
import { mebibytes } from "../statistics/mebibytes.ts";
import { quantile } from "../statistics/statistics.ts";

/** Windows of a soak, none longer than half a minute nor shorter than a second. */
const WINDOWS = 60;
const LONGEST_WINDOW_S = 30;

const SWAP_EVERY_MS = 5000;

/** A cold server answers so slowly that files pile up and are refused; these seconds are not judged. */
const WARM_UP_MS = 5000;

/** Longest wait for the server to notice that its clients are gone, in milliseconds. */
const SETTLE_MS = 15_000;
const REST_MS = 500;

/** Looks until the open files have come to rest, and are no more than `most` where that is given. */
async function settledLook(origin: string, pid: number, most = Infinity): Promise<Look> {
  const end = performance.now() + SETTLE_MS;
  let before: number | null = null;
  for (;;) {
    const look = await lookAt(origin, pid);
    const rests = look.descriptors === before && look.descriptors <= most;
    if (rests || performance.now() > end) return look;
    before = look.descriptors;
    await pause(REST_MS);
  }
}

/** Mixed traffic at a modest rate for a long time: what grows, drifts or goes wrong. */
export async function runSoak(options: SoakOptions, command: string): Promise<Report> {
  const { duration, rate, connections, seed, port } = options;
  const pinning = planCores(2);
  using repository = new SwapRepository();
  await using sepal = await startSepal(port, pinning.server, { MODELS_DIR: repository.path });
  const { url: origin, pid } = sepal.server;
  const golden = readGoldenAnswers(GRAPHS);
  const random = seededRandom(seed);
  const client = new SoakClient(origin, connections);
  const traffic = new Traffic({ client, golden, random }, rate);
  {
    using first = new SoakClient(origin, connections);
    const cold = new Traffic({ client: first, golden, random }, rate);
    await cold.sendEachKind();
    cold.start();
    await pause(WARM_UP_MS);
    await cold.stop();
  }
  const before = await settledLook(origin, pid);
  console.log(`${pinning.note}; ${rate} requests a second for ${duration} s`);

  const windows: SoakWindow[] = [];
  const lengthMs = Math.min(LONGEST_WINDOW_S, Math.max(1, duration / WINDOWS)) * 1000;
  const stop = new AbortController();
  const swaps = { done: 0 };
  const started = performance.now();
  traffic.start();
  const target = { origin, everyMs: Math.min(SWAP_EVERY_MS, lengthMs * 2), traffic, swaps };
  const swapping = keepSwapping(repository, target, stop.signal);
  let last = { at: 0, cpuSeconds: before.cpuSeconds };
  for (let window = 1; window * lengthMs <= duration * 1000 + 1; window += 1) {
    await pause(Math.max(0, started + window * lengthMs - performance.now()));
    const { counts } = traffic;
    const times = counts.singleTimes.splice(0).toSorted((a, b) => a - b);
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
    const underWay = traffic.underWay;
    const look = await lookAt(origin, pid);
    const at = (performance.now() - started) / 1000;
    windows.push({
      ...look,
      at,
      underWay,
      p50,
      p99,
      requests: Object.values(counts.sent).reduce((sum, sent) => sum + sent, 0),
      wrong: counts.wrong,
      cpu: (look.cpuSeconds - last.cpuSeconds) / (at - last.at),
      swaps: swaps.done,
    });
    last = { at, cpuSeconds: look.cpuSeconds };
    sepal.server.forgetOutput();
    console.log(
      `${at.toFixed(0)} of ${duration} s: ${windows.at(-1)?.requests} requests, ${counts.wrong} wrong, ` +
        `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${mebibytes(look.residentBytes).toFixed(1)} MiB, ` +
        `${look.descriptors} open files, ${swaps.done} swaps, CPU ${((windows.at(-1)?.cpu ?? 0) * 100).toFixed(0)} %`,
    );
  }
  stop.abort();
  await swapping;
  await traffic.stop();
  client[Symbol.dispose]();
  const after = await settledLook(origin, pid, before.descriptors);
  const { counts } = traffic;
  return soakReport({
    windows,
    idle: { before, after },
    counts,
    options,
    placement: pinning.note,
    command,
  });
}
