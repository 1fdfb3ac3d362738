import { allowedCores, type Cores, type Pinning } from "../harness/host.ts";
import type { LogSink } from "../harness/servers.ts";

/** How both servers of a pair run and are loaded. */
export interface Conditions {
  readonly log: LogSink;
  /** Whether server and client have a core each. */
  readonly pinned: boolean;
  /** Whether the other server is up, and idle, while one is loaded. */
  readonly together: boolean;
  /** Whether a program that never waits runs on the server's core, as on a machine that others use. */
  readonly busyCore: boolean;
  /** Requests that each server gets before it is measured, beside the seconds of warm-up. */
  readonly requestsBefore: number;
  readonly generator: "own" | "wrk";
}

/** Cores of the two ends; null where the machine cannot tell. */
export interface Places {
  readonly server: Cores;
  readonly client: Cores;
}

/** Where a pair runs. To be called before this process keeps itself to a core. */
export function planPlaces(pinning: Pinning): (conditions: Conditions) => Places {
  if (pinning.server === null) return () => ({ server: null, client: null });
  const all = allowedCores();
  return ({ pinned }) => (pinned ? pinning : { server: all, client: all });
}
