import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseCoreList } from "./proc-files.ts";

/** Which core each side gets; null where the machine cannot pin or has one core only. */
export interface Pinning {
  readonly server: number | null;
  readonly client: number | null;
  /** How the processes are placed, for the report. */
  readonly note: string;
}

/** A core, several, or null for all of them. */
export type Cores = number | readonly number[] | null;

/** {@link Pinning} of a server that has several cores. */
export interface CoresPinning {
  readonly server: readonly number[] | null;
  readonly client: number | null;
  readonly note: string;
}

const UNPINNED = { server: null, client: null };

/** Whether a program can be started; `argument` must make it end by itself. */
export function onPath(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: "ignore" });
    return true;
  } catch (error) {
    // Some programs print their version and end with another code than 0.
    return error instanceof Error && "status" in error && error.status !== null;
  }
}

/** Cores that this process may use. */
export function allowedCores(): number[] {
  const status = readFileSync("/proc/self/status", "utf8");
  return parseCoreList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "");
}

function siblings(core: number): number[] {
  try {
    const topology = `/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`;
    return parseCoreList(readFileSync(topology, "utf8"));
  } catch {
    return [];
  }
}

/** Chooses the first and the last core, the pair least likely to be two threads of one. */
export function planPinning(): Pinning {
  if (process.platform !== "linux" || !onPath("taskset", "--version")) {
    return { ...UNPINNED, note: "not pinned: no taskset on this machine" };
  }
  const cores = allowedCores();
  const server = cores[0];
  const client = cores.at(-1);
  if (server === undefined || client === undefined || server === client) {
    return { ...UNPINNED, note: "not pinned: one core only, server and client share it" };
  }
  const shared = siblings(server).includes(client) ? ", two threads of one physical core" : "";
  return { server, client, note: `server on core ${server}, client on core ${client}${shared}` };
}

/** Places a server that needs `count` cores; its clients get another where there is one. */
export function planCores(count: number): CoresPinning {
  const one = planPinning();
  const cores = one.server === null ? [] : allowedCores();
  const client = cores.at(-1);
  if (client === undefined || cores.length <= count) {
    const all = `all ${availableParallelism()} cores`;
    return { server: null, client: null, note: `not pinned: server and clients share ${all}` };
  }
  const server = cores.slice(0, count);
  return {
    server,
    client,
    note: `server on cores ${server.join(", ")}, clients on core ${client}`,
  };
}

/** The command, started on cores of its own. */
export function pinned(cores: Cores, command: readonly string[]): string[] {
  return cores === null ? [...command] : ["taskset", "-c", String(cores), ...command];
}

/** Keeps this process and what it starts unpinned to a core, so that they stay off the server's. */
export function keepOwnProcessOn(core: number): void {
  const args = ["-a", "-c", "-p", String(core), String(process.pid)];
  execFileSync("taskset", args, { stdio: "ignore" });
}
