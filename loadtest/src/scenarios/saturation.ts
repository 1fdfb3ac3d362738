import { autocannonClient } from "../clients/autocannon-client.ts";
import { SATURATED } from "../bench/bench-figures.ts";
import type { Client } from "../clients/load.ts";
import { formatNumber } from "../report/format-cell.ts";
import { measure, runLoad } from "../servers/measure.ts";
import { onPath } from "../host/pinning.ts";
import type { SepalUnderLoad } from "../servers/sepal-server.ts";
import { wrkClient } from "../clients/wrk-client.ts";

/** Seconds of the closed loop, after as many of warm-up. */
const SECONDS = 3;
const CONNECTIONS = 100;

/** How often a server answers at most. */
export interface Saturation {
  /** Answers a second in a closed loop of {@link CONNECTIONS}. */
  readonly rate: number;
  readonly client: Client["name"];
  /** Share of a core the server used meanwhile; null where that cannot be read. */
  readonly serverCpu: number | null;
  /** Why the rate is too low to be the server's own limit, or null. */
  readonly distrust: string | null;
}

/** The generator for closed loops: wrk, which costs least, or autocannon where it is missing. */
export function closedLoopClient(): Client {
  return onPath("wrk", "--version") ? wrkClient : autocannonClient;
}

/** How a saturation was found and what it is, as the beginning of a sentence. */
export function saturationFound({ client, rate }: Saturation): string {
  return `A closed loop of ${CONNECTIONS} connections (${client}) was answered ${formatNumber(rate, 0)} times a second`;
}

/** Loads a server as hard as it goes and says how often it answered. */
export async function findSaturation(
  sepal: Pick<SepalUnderLoad, "url" | "bodies" | "server">,
  core: number | null,
): Promise<Saturation> {
  const client = closedLoopClient();
  const { url, bodies, server } = sepal;
  const load = { url, bodies, connections: CONNECTIONS, seconds: SECONDS };
  await runLoad(client, load, core);
  const { requestsPerSecond: rate, serverCpu } = await measure(server, client, load, core);
  const idle = serverCpu !== null && serverCpu < SATURATED;
  return {
    rate,
    client: client.name,
    serverCpu,
    distrust: idle
      ? `saturation was not found: the server used ${Math.round(serverCpu * 100)} % of its core in the closed loop`
      : null,
  };
}
