import { closedLoopClient, type Client } from "../harness/load-generators.ts";
import { measure, runLoad, SATURATED } from "../harness/measure.ts";
import type { SepalUnderLoad } from "../harness/servers.ts";
import { formatNumber } from "../report/format.ts";

/** Seconds of the closed loop, after as many of warm-up. */
const SATURATION_S = 3;
const SATURATION_CONNECTIONS = 100;

/** Throughput of a server under a closed loop. */
export interface Saturation {
  /** Responses a second in a closed loop of {@link SATURATION_CONNECTIONS}. */
  readonly rate: number;
  readonly client: Client["name"];
  /** Share of a core the server used meanwhile; null where that cannot be read. */
  readonly serverCpu: number | null;
  /** Why the rate is too low to be the server's own limit, or null. */
  readonly distrust: string | null;
}

/** How the saturation was found and what it is, as the beginning of a sentence. */
export function saturationFound({ client, rate }: Saturation): string {
  return `A closed loop of ${SATURATION_CONNECTIONS} connections (${client}) was answered ${formatNumber(rate, 0)} times a second`;
}

/** Loads a server as hard as it goes and measures its throughput. */
export async function findSaturation(
  sepal: Pick<SepalUnderLoad, "url" | "bodies" | "server">,
  core: number | null,
): Promise<Saturation> {
  const client = closedLoopClient();
  const { url, bodies, server } = sepal;
  const load = { url, bodies, connections: SATURATION_CONNECTIONS, seconds: SATURATION_S };
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
