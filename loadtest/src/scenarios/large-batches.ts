import { measure, runLoad } from "../servers/measure.ts";
import { planPinning, planCores } from "../host/pinning.ts";
import type { Report } from "../report/report.ts";
import { largeBatchesReport, type CoresRun } from "./large-batches-report.ts";
import { closedLoopClient } from "./saturation.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { startSepal } from "../servers/sepal-server.ts";

/** Seconds of load before those that count. */
const WARM_UP_S = 3;

/** Different bodies the connections go through. */
const BODIES = 4;

/** Batches of many rows on one core against two, in turn, each time in a fresh server with a thread a core. */
export async function runLargeBatches(
  options: ScenarioOptions<"duration" | "connections" | "repeats" | "rows" | "port">,
  command: string,
): Promise<Report> {
  const { duration: seconds, connections, repeats, rows, port } = options;
  const one = planPinning();
  const two = planCores(2);
  const places = [
    { cores: 1, server: one.server, client: one.client },
    { cores: 2, server: two.server, client: two.client },
  ] as const;
  const client = closedLoopClient();
  const runs: CoresRun[] = [];
  for (let round = 1; round <= repeats; round += 1) {
    for (const place of places) {
      const threads = { INFERENCE_THREADS: String(place.cores) };
      await using sepal = await startSepal(port, place.server, threads);
      const { url, file: bodies } = sepal.bodiesOf(rows, BODIES);
      const load = { url, bodies, connections };
      await runLoad(client, { ...load, seconds: WARM_UP_S }, place.client);
      const run = await measure(sepal.server, client, { ...load, seconds }, place.client);
      runs.push({ round, cores: place.cores, rowsPerSecond: run.requestsPerSecond * rows, ...run });
      console.log(
        `round ${round} of ${repeats}, cores: ${place.cores}: ${Math.round(run.requestsPerSecond * rows)} rows/s, ` +
          `${run.serverCpu?.toFixed(2) ?? "?"} cores used`,
      );
    }
  }
  const placement = `one: ${one.note}; two: ${two.note}`;
  return largeBatchesReport({ runs, options, client: client.name, placement, command });
}
