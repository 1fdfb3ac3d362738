import { setTimeout as pause } from "node:timers/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { autocannonClient } from "../clients/autocannon-client.ts";
import { checkAnswers } from "../servers/golden-check.ts";
import { measure } from "../servers/measure.ts";
import { startPeer } from "../servers/peer-server.ts";
import { PEERS, type Peer } from "../servers/peers.ts";
import { ROOT } from "../root.ts";
import { sumOf } from "../statistics/prometheus-text.ts";
import type { Report } from "../report/report.ts";
import { writeBodies } from "../servers/request-bodies.ts";
import { scrapeMetrics } from "../servers/server-metrics.ts";
import {
  syncVsAsyncReport,
  UPSTREAM_MS,
  type SyncVsAsyncOptions,
  type UpstreamRun,
} from "./sync-vs-async-report.ts";

function peerOf(name: string, program: string, args: readonly string[]): Peer {
  const rest = PEERS.find((peer) => peer.name === "fastify-onnx");
  if (rest === undefined) throw new Error("there is no fastify-onnx");
  const file = `${ROOT}loadtest/peers/node/${program}`;
  return { ...rest, name, ready: "/", command: (port) => [file, String(port), ...args] };
}

/** A prediction that calls a slow service, blocking and waiting, each under the same number of users. */
export async function runSyncVsAsync(
  options: SyncVsAsyncOptions,
  command: string,
): Promise<Report> {
  const { duration: seconds, connections, port } = options;
  const slow = peerOf("upstream", "upstream.ts", [String(UPSTREAM_MS)]);
  await using upstream = await startPeer(slow, port, null);
  const folder = mkdtempSync(`${tmpdir()}/sepal-load-`);
  const runs: UpstreamRun[] = [];
  try {
    for (const mode of ["blocking", "async"] as const) {
      const peer = peerOf(mode, "slow-upstream.ts", [upstream.url, mode]);
      await using server = await startPeer(peer, port + 1, null);
      const wrong = await checkAnswers(peer, server.url);
      if (wrong !== null) throw new Error(`answers wrong: ${wrong}`);
      const bodies = writeBodies(folder, peer, { name: mode, rows: 1, bodies: 64 });
      console.log(`${mode}: ${connections} users for ${seconds} s`);
      const load = { url: `${server.url}/predict`, bodies, connections, seconds };
      const run = await measure(server, autocannonClient, load, null);
      // Requests that autocannon gave up on are still answered one by one.
      await pause(UPSTREAM_MS);
      const metrics = await scrapeWhenFree(server.url);
      const delay = (level: string) =>
        sumOf(metrics, "nodejs_eventloop_delay_seconds", { level }) * 1000;
      runs.push({ mode, ...run, loopDelayMedian: delay("0.5"), loopDelayMax: delay("1") });
      const { requestsPerSecond, p99 } = run;
      console.log(
        `${mode}: ${requestsPerSecond.toFixed(1)} req/s, p99 ${p99?.toFixed(0) ?? "?"} ms, ` +
          `event-loop delay up to ${delay("1").toFixed(0)} ms`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return syncVsAsyncReport(runs, options, command);
}

/** The metrics of a server that may first have to end the calls it has taken. */
async function scrapeWhenFree(origin: string) {
  const end = performance.now() + 60_000;
  for (;;) {
    try {
      return await scrapeMetrics(origin);
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}
