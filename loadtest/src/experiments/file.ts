import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { defineExperiment, PORT } from "../experiment.ts";
import { openStopwatch, readRequests } from "../harness/connections.ts";
import { residentBytesOf } from "../harness/host.ts";
import { loopDelay, scrapeMetrics } from "../harness/server-metrics.ts";
import { startSepal, type SepalUnderLoad } from "../harness/servers.ts";
import { quantile, spread } from "../harness/statistics.ts";
import { formatNumber } from "../report/format.ts";
import { bars, table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { verdictOn, type Target } from "../report/verdicts.ts";

/** Milliseconds between two samples of the server's memory. */
const SAMPLE_MS = 20;

/** Pause between two single predictions, so that they measure and are no load themselves. */
const SINGLE_EVERY_MS = 5;

/** Rows of the file before the measured ones, so that the thread has started and all code has run. */
const WARM_ROWS = 20_000;

/** Rows that the memory is promised for. */
const PROMISED_ROWS = 1_000_000;

/** The response to a file. */
interface FileResponse {
  readonly status: number;
  readonly lines: number;
  readonly bytes: number;
  /** From the request's head to the end of the response. */
  readonly seconds: number;
}

const LINE_END = 0x0a;

/** Rows made and written at once; few, because the times of single predictions are taken on the same thread. */
const PIECE_ROWS = 500;

/** A CSV of iris rows, no two neighbours alike, in pieces. */
function* irisFile(rows: number): Generator<string, void, void> {
  let piece = "id,sepal_length,sepal_width,petal_length,petal_width\n";
  for (let row = 0; row < rows; row += 1) {
    const cells = [4.3 + (row % 37) / 10, 2 + (row % 25) / 10, 1 + (row % 60) / 10];
    piece += `${row},${cells.map((cell) => cell.toFixed(1)).join(",")},${0.1 + (row % 24) / 10}\n`;
    if (row % PIECE_ROWS === PIECE_ROWS - 1) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

async function send(sent: ClientRequest, rows: number): Promise<void> {
  for (const piece of irisFile(rows)) {
    if (!sent.write(piece)) await once(sent, "drain");
  }
  sent.end();
}

async function receive(response: IncomingMessage): Promise<{ lines: number; bytes: number }> {
  let lines = 0;
  let bytes = 0;
  for await (const part of response) {
    if (!(part instanceof Uint8Array)) throw new Error("a response without bytes");
    bytes += part.length;
    for (let at = part.indexOf(LINE_END); at !== -1; at = part.indexOf(LINE_END, at + 1))
      lines += 1;
  }
  return { lines, bytes };
}

/** Posts a file of so many rows and reads the result while it sends, or only when all is sent. */
async function postFile(url: string, rows: number, readLate: boolean): Promise<FileResponse> {
  const started = performance.now();
  const sent = request(url, { method: "POST", headers: { "content-type": "text/csv" } });
  const responded = once(sent, "response");
  const sending = send(sent, rows);
  if (readLate) await sending;
  const [response] = await responded;
  const [{ lines, bytes }] = await Promise.all([receive(response), sending]);
  const seconds = (performance.now() - started) / 1000;
  return { status: response.statusCode ?? 0, lines, bytes, seconds };
}

/** Single predictions one after the other until the work is done, in milliseconds each. */
async function timesDuring(
  { url, bodies }: SepalUnderLoad,
  work: Promise<unknown>,
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

/** One file, sent and read in one way; singles in milliseconds. */
export interface FileRun {
  readonly name: string;
  readonly seconds: number;
  /** Rows a second. */
  readonly rate: number;
  /** Size of the result in MB. */
  readonly megabytes: number;
  /** Most resident memory during the file above that before any file, in MB. */
  readonly above: number;
  /** 99th percentile of the server's event-loop delay over the last 10 s, in milliseconds. */
  readonly delay: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Ways to send a file: the path, and whether the client reads only when everything is sent. */
const WAYS = [
  { name: "read while sent", path: "/predict-file", readLate: false },
  { name: "read when all is sent", path: "/predict-file", readLate: true },
  { name: "strict", path: "/predict-file?strict=true", readLate: false },
] as const;

async function sendFile(
  sepal: SepalUnderLoad,
  rows: number,
  { name, path, readLate }: (typeof WAYS)[number],
  idleBytes: number,
): Promise<FileRun> {
  const { pid, url } = sepal.server;
  let peakBytes = 0;
  const sampling = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytesOf(pid));
  }, SAMPLE_MS);
  const work = postFile(url + path, rows, readLate);
  const singles = await timesDuring(sepal, work).finally(() => clearInterval(sampling));
  const { status, lines, bytes, seconds } = await work;
  if (status !== 200 || lines !== rows + 1) {
    throw new Error(`${name}: status ${status}, ${lines} lines for ${rows} rows`);
  }
  const delay = loopDelay(await scrapeMetrics(url), "0.99");
  console.log(`${name}: ${seconds.toFixed(1)} s`);
  return {
    name,
    seconds,
    rate: rows / seconds,
    megabytes: bytes / 1e6,
    above: (peakBytes - idleBytes) / 1e6,
    delay,
    p50: quantile(singles, 0.5),
    p99: quantile(singles, 0.99),
    max: quantile(singles, 1),
  };
}

const TARGET: Target = {
  figure: "most resident memory above idle during a file of a million rows",
  must: 100,
  aim: 60,
  better: "lower",
  text: (value) => `${value.toFixed(1)} MB`,
};

/** Judges the run that took most memory. */
export function fileVerdict(runs: readonly FileRun[], rows: number): Verdict {
  const [worst] = runs.toSorted((a, b) => b.above - a.above);
  return verdictOn(TARGET, spread([worst?.above ?? null]), {
    reason: `${worst?.name}; idle is a server that has taken no file yet`,
    distrust: rows < PROMISED_ROWS ? `only ${formatNumber(rows)} rows` : null,
  });
}

/** One large file: rows a second, memory above idle, and what single predictions notice of it. */
export const file = defineExperiment({
  name: "file",
  asks: "a CSV of a million rows through /predict-file: rows a second, memory above idle, single predictions meanwhile",
  options: { rows: [1_000_000, "rows"], port: PORT },
  async run({ rows, port }) {
    await using sepal = await startSepal(port, null);
    // Before any file: what the thread for large batches takes counts as the file's.
    const idleBytes = residentBytesOf(sepal.server.pid);
    const warm = await postFile(`${sepal.server.url}/predict-file`, WARM_ROWS, false);
    if (warm.status !== 200) throw new Error(`/predict-file returned ${warm.status}`);
    const runs = [];
    for (const way of WAYS) runs.push(await sendFile(sepal, rows, way, idleBytes));
    return { runs, generators: ["node:http"] };
  },
  title: () => "A large file through POST /predict-file",
  summary: (_, { rows }) => [
    `A CSV of ${formatNumber(rows)} rows, made by the client while it sends; meanwhile a single prediction every 5 ms, and VmRSS of the server every 20 ms.`,
    "Server, client and its making of rows share the machine, so that rows a second are those of all three.",
  ],
  targets: ({ runs }, { rows }) => [fileVerdict(runs, rows)],
  tables: ({ runs }) => [
    table(
      "Files",
      runs,
      [
        ["name", "file", null],
        ["seconds", "s", 1],
        ["rate", "rows/s", 0],
        ["megabytes", "result MB", 1],
        ["above", "MB above idle", 1],
        ["delay", "loop delay p99", 1],
        ["p50", "single p50", 2],
        ["p99", "single p99", 2],
        ["max", "single max", 1],
      ],
      "Single predictions and the 99th percentile of the server's event-loop delay in milliseconds. The client times singles on the thread that makes and reads the file, so their maximum is also its own.",
    ),
  ],
  charts: ({ runs }) => [
    bars(
      "Rows a second",
      "rows/s",
      runs.map(({ name, rate }) => ({ label: name, value: spread([rate]) })),
    ),
  ],
});
