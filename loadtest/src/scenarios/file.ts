import { setTimeout as pause } from "node:timers/promises";
import { postFile, type FileReply } from "../clients/file-client.ts";
import { fileReport, type FileRun } from "./file-report.ts";
import { readRequests } from "../clients/read-requests.ts";
import { sumOf } from "../statistics/prometheus-text.ts";
import type { Report } from "../report/report.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { scrapeMetrics } from "../servers/server-metrics.ts";
import { startSepal, type SepalUnderLoad } from "../servers/sepal-server.ts";
import { openStopwatch } from "../clients/stopwatch.ts";
import { usageOf } from "../host/process-usage.ts";

/** How often the memory is looked at, in milliseconds. */
const LOOK_MS = 20;

/** Pause between two single predictions, so that they look on and are no load themselves. */
const SINGLE_EVERY_MS = 5;

/** Rows of the file before the measured ones, so that the thread has started and all code has run. */
const WARM_ROWS = 20_000;

function residentOf(pid: number): number {
  const usage = usageOf(pid);
  if (usage === null) throw new Error("this system does not tell the memory of a process");
  return usage.residentBytes;
}

/** Single predictions one after the other while work is done, in milliseconds each. */
async function timesDuring(
  { url, bodies }: SepalUnderLoad,
  work: Promise<FileReply>,
): Promise<number[]> {
  const target = new URL(url);
  const rows = readRequests(target, bodies);
  using watch = await openStopwatch(target, 1);
  const times: number[] = [];
  const state = { done: false };
  const end = work.finally(() => {
    state.done = true;
  });
  while (!state.done) {
    const at = times.length % rows.length;
    times.push(await watch.time(rows.slice(at, at + 1)));
    await pause(SINGLE_EVERY_MS);
  }
  await end;
  return times;
}

async function run(
  sepal: SepalUnderLoad,
  rows: number,
  way: Pick<FileRun, "name" | "path" | "readLate">,
  idleBytes: number,
): Promise<FileRun> {
  const { pid, url } = sepal.server;
  let peakBytes = 0;
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentOf(pid));
  }, LOOK_MS);
  const work = postFile(url + way.path, rows, way.readLate);
  const singles = await timesDuring(sepal, work);
  clearInterval(look);
  const reply = await work;
  if (reply.status !== 200 || reply.lines !== rows + 1) {
    throw new Error(`${way.name}: status ${reply.status}, ${reply.lines} lines for ${rows} rows`);
  }
  const metrics = await scrapeMetrics(url);
  const delayMs = sumOf(metrics, "nodejs_eventloop_delay_seconds", { level: "0.99" }) * 1000;
  console.log(`${way.name}: ${reply.seconds.toFixed(1)} s`);
  return { ...way, idleBytes, peakBytes, singles, delayMs, ...reply };
}

/** One large file: rows a second, memory above idle, and what single predictions notice of it. */
export async function runFile(
  { rows, port }: ScenarioOptions<"rows" | "port">,
  command: string,
): Promise<Report> {
  await using sepal = await startSepal(port, null);
  // Before any file: what the thread for large batches takes counts as the file's.
  const idleBytes = residentOf(sepal.server.pid);
  const warm = await postFile(`${sepal.server.url}/predict-file`, WARM_ROWS, false);
  if (warm.status !== 200) throw new Error(`the server answers ${warm.status}`);
  const path = "/predict-file";
  const runs = [
    await run(sepal, rows, { name: "read while sent", path, readLate: false }, idleBytes),
    await run(sepal, rows, { name: "read when all is sent", path, readLate: true }, idleBytes),
    await run(
      sepal,
      rows,
      { name: "strict", path: `${path}?strict=true`, readLate: false },
      idleBytes,
    ),
  ];
  return fileReport({ runs, rows, command });
}
