import { setTimeout as pause } from "node:timers/promises";
import {
  BASE_REQUESTS,
  memoryReport,
  type MemoryOptions,
  type MemoryPoint,
} from "./memory-report.ts";
import { measure } from "../servers/measure.ts";
import { mixedBodies } from "../clients/mixed-bodies.ts";
import { planPinning } from "../host/pinning.ts";
import { usageOf } from "../host/process-usage.ts";
import type { Report } from "../report/report.ts";
import { closedLoopClient } from "./saturation.ts";
import { requestsOf, scrapeMetrics } from "../servers/server-metrics.ts";
import { startSepal } from "../servers/sepal-server.ts";
import { mebibytes } from "../statistics/mebibytes.ts";

/** Seconds of load between two looks at the memory; shorter until the first that counts. */
const CHUNK_S = 10;
const FIRST_CHUNK_S = 1;

/** Time without load before a look, for what a request leaves behind to be given back. */
const SETTLE_MS = 1000;

/** Resident memory of one server process over many requests. */
export async function runMemory(options: MemoryOptions, command: string): Promise<Report> {
  const { requests: wanted, connections, port } = options;
  const pinning = planPinning();
  await using sepal = await startSepal(port, pinning.server);
  const client = closedLoopClient();
  const bodies = mixedBodies(sepal.bodies);
  console.log(`${pinning.note}; until ${wanted.toLocaleString("en-US")} requests`);
  const points: MemoryPoint[] = [];
  let asked = 0;
  while (asked < wanted) {
    const seconds = asked < BASE_REQUESTS ? FIRST_CHUNK_S : CHUNK_S;
    const load = { url: sepal.url, bodies, connections, seconds };
    const { errors } = await measure(sepal.server, client, load, pinning.client);
    await pause(SETTLE_MS);
    const usage = usageOf(sepal.server.pid);
    if (usage === null) throw new Error("this system does not tell the memory of a process");
    const metrics = await scrapeMetrics(sepal.server.url);
    const before = asked;
    asked = requestsOf(metrics, "/predict");
    if (asked === before) throw new Error("the server answered nothing");
    points.push({
      requests: asked,
      refused: requestsOf(metrics, "/predict", "4xx"),
      residentBytes: usage.residentBytes,
      lost: errors.sockets + errors.timeouts,
    });
    const share = Math.min(100, (asked / wanted) * 100);
    console.log(
      `${asked.toLocaleString("en-US")} requests (${share.toFixed(0)} %): ${mebibytes(usage.residentBytes).toFixed(1)} MiB`,
    );
  }
  return memoryReport({ points, options, client: client.name, pinning, command });
}
