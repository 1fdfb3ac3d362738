import { fileURLToPath } from "node:url";
import { autocannonClient } from "./autocannon-client.ts";
import { runChild } from "./child-run.ts";
import type { Client } from "./load.ts";
import { runLoad } from "./measure.ts";
import type { OpenLoad, OpenLoadResult } from "./open-loop.ts";
import { onPath } from "./pinning.ts";
import type { Report } from "./report.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { startSepal } from "./sepal-server.ts";
import type { SweepPoint } from "./sweep-point.ts";
import { sweepReport } from "./sweep-report.ts";
import { wrkClient } from "./wrk-client.ts";

const program = fileURLToPath(new URL("open-loop-process.ts", import.meta.url));

/** Offered rates, as shares of what the server answers in a closed loop. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5];

/** Seconds of the closed loop that finds the saturation, after as many of warm-up. */
const CALIBRATION_S = 3;

/** Seconds at each rate before those that count. */
const WARM_UP_S = 2;

/** Raises the offered rate past saturation; requests come when they are due, answers or not. */
export async function runSweep(options: ScenarioOptions, command: string): Promise<Report> {
  const { seconds, connections, port } = options;
  await using sepal = await startSepal(port);
  const { url, bodies, pinning } = sepal;
  const client: Client = onPath("wrk", "--version") ? wrkClient : autocannonClient;
  const closed = { url, bodies, connections: 100, seconds: CALIBRATION_S };
  await runLoad(client, closed, pinning.client);
  const calibration = await runLoad(client, closed, pinning.client);
  const saturation = calibration.requests / calibration.seconds;
  console.log(`${pinning.note}; closed loop: ${Math.round(saturation)} req/s (${client.name})`);
  const points: SweepPoint[] = [];
  for (const share of SHARES) {
    const load: Omit<OpenLoad, "bodies"> = {
      url,
      rate: saturation * share,
      schedule: "poisson",
      warmUpSeconds: WARM_UP_S,
      seconds,
      maxInFlight: connections,
    };
    const child = [process.execPath, program, JSON.stringify({ ...load, bodies })];
    const { output, cpu } = await runChild(child, pinning.client);
    const result: OpenLoadResult = JSON.parse(output);
    sepal.server.forgetOutput();
    points.push({ share, offered: load.rate, seconds, clientCpu: cpu, ...result });
    console.log(
      `offered ${Math.round(load.rate)}/s: answered ${Math.round(result.answered / seconds)}/s, ` +
        `p99 ${result.p99?.toFixed(1) ?? "?"} ms, late ${result.late}, shed ${result.shed}`,
    );
  }
  return sweepReport({ points, saturation, client: client.name, options, pinning, command });
}
