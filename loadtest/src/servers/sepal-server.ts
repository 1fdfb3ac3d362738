import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { checkAnswers } from "./golden-check.ts";
import { libraryVersion } from "./machine.ts";
import { startPeer, type PeerServer } from "./peer-server.ts";
import { PEERS, type Peer } from "./peers.ts";
import type { Cores } from "../host/pinning.ts";
import { writeBodies } from "./request-bodies.ts";

/** A Sepal server of its own with what a load of single rows needs. */
export interface SepalUnderLoad extends AsyncDisposable {
  readonly server: PeerServer;
  readonly url: string;
  /** File of request bodies, one a line. */
  readonly bodies: string;
  /** Writes bodies of so many rows each, and says where they go. */
  bodiesOf(rows: number, count: number): { readonly url: string; readonly file: string };
}

/** Different single rows that the connections go through. */
const SINGLE_BODIES = 256;

/** Sepal's REST face as the experiments load it. */
function sepalRest(): Peer {
  const peer = PEERS.find(({ name }) => name === "sepal-rest");
  if (peer === undefined) throw new Error("there is no sepal-rest");
  return peer;
}

/** Starts Sepal on its cores, checks its answers and writes bodies for it. */
export async function startSepal(
  port: number,
  cores: Cores,
  variables: Readonly<Record<string, string>> = {},
): Promise<SepalUnderLoad> {
  const rest = sepalRest();
  const peer: Peer = {
    ...rest,
    variables: (port) => ({ ...rest.variables?.(port), ...variables }),
  };
  const server = await startPeer(peer, port, cores);
  const wrong = await checkAnswers(peer, server.url);
  if (wrong !== null) {
    await server[Symbol.asyncDispose]();
    throw new Error(`answers wrong: ${wrong}`);
  }
  const folder = mkdtempSync(`${tmpdir()}/sepal-load-`);
  const bodiesOf = (rows: number, count: number) => ({
    url: server.url + peer.endpoint({ rows }).path,
    file: writeBodies(folder, peer, { name: `rows-${rows}`, rows, bodies: count }),
  });
  const single = bodiesOf(1, SINGLE_BODIES);
  return {
    server,
    url: single.url,
    bodies: single.file,
    bodiesOf,
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
