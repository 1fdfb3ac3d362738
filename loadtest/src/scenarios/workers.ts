import { measure, runLoad } from "../servers/measure.ts";
import { planCores } from "../host/pinning.ts";
import { usageOf } from "../host/process-usage.ts";
import type { Report } from "../report/report.ts";
import { closedLoopClient } from "./saturation.ts";
import { startSepal } from "../servers/sepal-server.ts";
import { workersReport, type WorkersOptions } from "./workers-report.ts";
import type { WorkersRun } from "./workers-verdict.ts";

/** Seconds of load before those that count. */
const WARM_UP_S = 6;

/** One server process, two, four and so on up to the most that is asked for. */
function workerCounts(most: number): number[] {
  if (most < 2)
    throw new Error("--workers is 2 or more: one process is what they are held against");
  const counts = [1];
  for (let count = 2; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

/** One server process against several, in turn, each time in a fresh server. */
export async function runWorkers(options: WorkersOptions, command: string): Promise<Report> {
  const { duration: seconds, connections, repeats, port } = options;
  const counts = workerCounts(options.workers);
  const placement = planCores(options.workers);
  const client = closedLoopClient();
  console.log(placement.note);
  const runs: WorkersRun[] = [];
  for (let round = 1; round <= repeats; round += 1) {
    for (const workers of counts) {
      await using sepal = await startSepal(port, placement.server, { WORKERS: String(workers) });
      const load = { url: sepal.url, bodies: sepal.bodies, connections };
      await runLoad(client, { ...load, seconds: WARM_UP_S }, placement.client);
      const run = await measure(sepal.server, client, { ...load, seconds }, placement.client);
      const processes = usageOf(sepal.server.pid)?.pids.length ?? null;
      runs.push({ round, workers, processes, ...run });
      console.log(
        `round ${round} of ${repeats}, WORKERS=${workers}: ${Math.round(run.requestsPerSecond)} req/s, ` +
          `${run.serverCpuMicros?.toFixed(1) ?? "?"} µs of server CPU a request`,
      );
    }
  }
  return workersReport({ runs, options, client: client.name, placement, command });
}
