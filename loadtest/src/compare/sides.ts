import { peerNamed, type Peer } from "../harness/peers.ts";
import type { CallTarget } from "./call-targets.ts";

/** One of the two servers of a pair. */
export interface Side {
  readonly name: "base" | "head";
  /** What runs, for the report. */
  readonly title: string;
  readonly peer: Peer;
}

type Variables = Readonly<Record<string, string>>;

/** Sepal as it starts in this checkout, with variables of its own. */
export function sepalHere(variables: Variables): Peer {
  const peer = peerNamed("sepal-rest");
  return { ...peer, variables: (port) => ({ ...peer.variables?.(port), ...variables }) };
}

/** Sepal of another checkout, on the Node that it pins and with its own models. */
export function sepalIn(root: string, variables: Variables): Peer {
  return {
    ...peerNamed("sepal-rest"),
    node: `${root}node_modules/node/bin/node`,
    command: () => ["--single-threaded-gc", `${root}apps/api/src/main.ts`],
    variables: (port) => ({ PORT: String(port), MODELS_DIR: `${root}models`, ...variables }),
  };
}

/** Bare `node:http` with a canned response. */
export function bareHttp(): Peer {
  return peerNamed("floor");
}

/** The server of a side as a target sends to it. The floor has one path and gets the target's bytes there. */
export function peerAt({ peer, name }: Side, target: CallTarget): Peer {
  return {
    ...peer,
    name: `${name}-${target.name}`,
    endpoint: (workload) => {
      const endpoint = target.endpoint(workload);
      return peer.kind === "floor" ? { ...endpoint, path: "/predict" } : endpoint;
    },
  };
}
