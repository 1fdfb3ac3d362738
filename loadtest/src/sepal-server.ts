import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { libraryVersion } from "./machine.ts";
import { startPeer, type PeerServer } from "./peer-server.ts";
import { PEERS, type Peer } from "./peers.ts";
import { planPinning, type Pinning } from "./pinning.ts";
import { writeBodies } from "./request-bodies.ts";
import { WORKLOADS } from "./workloads.ts";

/** A Sepal server of its own with what a load of single rows needs. */
export interface SepalUnderLoad extends AsyncDisposable {
  readonly server: PeerServer;
  readonly url: string;
  /** File of request bodies, one a line. */
  readonly bodies: string;
  readonly pinning: Pinning;
}

/** Sepal's REST face as the experiments load it. */
function sepalRest(): Peer {
  const peer = PEERS.find(({ name }) => name === "sepal-rest");
  if (peer === undefined) throw new Error("there is no sepal-rest");
  return peer;
}

/** Starts Sepal on a core of its own and writes bodies for it. */
export async function startSepal(port: number): Promise<SepalUnderLoad> {
  const [single] = WORKLOADS;
  if (single === undefined) throw new Error("there is no workload");
  const peer = sepalRest();
  const pinning = planPinning();
  const folder = mkdtempSync(`${tmpdir()}/sepal-load-`);
  const server = await startPeer(peer, port, pinning.server);
  return {
    server,
    url: server.url + peer.endpoint(single).path,
    bodies: writeBodies(folder, peer, single),
    pinning,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Libraries of Sepal for a report. */
export function sepalVersions(): Record<string, string> {
  const names = ["fastify", "@trpc/server", "zod", "pino", "prom-client"];
  return Object.fromEntries(names.map((name) => [name, libraryVersion("apps/api", name)]));
}
