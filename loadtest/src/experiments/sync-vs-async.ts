import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { defineExperiment, PORT } from "../experiment.ts";
import { autocannonClient, REQUEST_TIMEOUT_S } from "../harness/load-generators.ts";
import { errorCount, measure } from "../harness/measure.ts";
import { nodePeer } from "../harness/peers.ts";
import { writeBodies } from "../harness/request-bodies.ts";
import { loopDelay, scrapeMetrics } from "../harness/server-metrics.ts";
import { checkedPeer, startPeer } from "../harness/servers.ts";
import { percent, spread } from "../harness/statistics.ts";
import { bars, table } from "../report/parts.ts";
import { verdictOn } from "../report/verdicts.ts";

/** Time that the other service takes, in milliseconds. */
const UPSTREAM_MS = 100;

/** Longest wait for a server that works off the calls it has taken, in milliseconds. */
const BUSY_MS = 60_000;

/** The metrics of a server that may first have to work off the calls it has taken. */
async function scrapeWhenFree(origin: string) {
  const end = performance.now() + BUSY_MS;
  for (;;) {
    try {
      return await scrapeMetrics(origin);
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}

/** A prediction that calls a slow service, blocking and async, each under the same number of users. */
export const syncVsAsync = defineExperiment({
  name: "sync-vs-async",
  asks: "throughput and event-loop delay of a prediction that calls a slow service, blocking and async, 200 users",
  options: { duration: [45, "seconds a run"], connections: [200, "connections"], port: PORT },
  async run({ duration: seconds, connections, port }) {
    const slow = { ...nodePeer("upstream", [String(UPSTREAM_MS)]), ready: "/" };
    await using upstream = await startPeer(slow, port, null);
    const folder = mkdtempSync(`${tmpdir()}/sepal-load-`);
    const measured = async (mode: "blocking" | "async") => {
      const peer = { ...nodePeer("slow-upstream", [upstream.url, mode]), name: mode, ready: "/" };
      await using server = await checkedPeer(peer, port + 1);
      const bodies = writeBodies(folder, peer, { name: mode, rows: 1, bodies: 64 });
      console.log(`${mode}: ${connections} users for ${seconds} s`);
      const load = { url: `${server.url}/predict`, bodies, connections, seconds };
      const run = await measure(server, autocannonClient, load, null);
      // Requests that autocannon gave up on are still worked off one by one.
      await pause(UPSTREAM_MS);
      const metrics = await scrapeWhenFree(server.url);
      const loopDelayMedian = loopDelay(metrics, "0.5");
      const loopDelayMax = loopDelay(metrics, "1");
      console.log(
        `${mode}: ${run.requestsPerSecond.toFixed(1)} req/s, p99 ${run.p99?.toFixed(0) ?? "?"} ms, ` +
          `event-loop delay up to ${loopDelayMax.toFixed(0)} ms`,
      );
      return { mode, ...run, loopDelayMedian, loopDelayMax };
    };
    try {
      const blocking = await measured("blocking");
      const async = await measured("async");
      return {
        blocking,
        async,
        runs: [blocking, async],
        generators: ["autocannon"],
        parameters: { "upstream, ms": UPSTREAM_MS },
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  title: () => "A slow service called blocking and called async",
  summary: (_, { connections }) => [
    `Before it predicts, the server calls another service that takes ${UPSTREAM_MS} ms and serves any number at once. ${connections} users send their next request after the response to the last one.`,
    `A server that waits without blocking can have all ${connections} calls in flight: at most ${(connections * 1000) / UPSTREAM_MS} requests a second. One that blocks has one: at most ${1000 / UPSTREAM_MS}.`,
    "Both servers are the same Fastify program with the same forest; only the call differs.",
  ],
  targets({ blocking, async }) {
    const base = blocking.requestsPerSecond;
    return [
      verdictOn(
        {
          figure: "requests a second, async against blocking",
          must: 20,
          aim: 100,
          better: "higher",
          text: (value) => `${value.toFixed(0)}x`,
        },
        spread(base === 0 ? [] : [async.requestsPerSecond / base]),
        {
          reason: `${async.requestsPerSecond.toFixed(0)} against ${base.toFixed(1)} requests a second; errors ${errorCount(async.errors)} against ${errorCount(blocking.errors)}`,
          distrust: null,
        },
      ),
    ];
  },
  tables: ({ runs }, { connections }) => [
    table(
      `${connections} users`,
      runs,
      [
        ["mode", "the call", null],
        ["rate", "req/s", 1, (run) => run.requestsPerSecond],
        ["p50", "p50 ms", 0],
        ["p99", "p99 ms", 0],
        ["errors", "errors", 0, (run) => errorCount(run.errors)],
        ["loopMedian", "event-loop delay ms, median", 1, (run) => run.loopDelayMedian],
        ["loopMax", "longest", 0, (run) => run.loopDelayMax],
        ["cpu", "server CPU %", 0, (run) => percent(run.serverCpu)],
      ],
      `Event-loop delay as the server measures it, over the whole run. With blocking calls, all requests of one turn of the loop get their responses only after the last of them; with all ${connections} users in one turn that takes ${(connections * UPSTREAM_MS) / 1000} s, and a request that misses the turn waits for the next. Users give up after ${REQUEST_TIMEOUT_S} s and send again, which the errors count; the percentiles include that wait.`,
    ),
  ],
  charts: ({ runs }) => [
    bars(
      "Requests a second",
      "req/s",
      runs.map(({ mode, requestsPerSecond }) => ({
        label: mode,
        role: mode === "async" ? "subject" : "reference",
        value: spread([requestsPerSecond]),
      })),
    ),
  ],
});
