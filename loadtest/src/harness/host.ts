import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, getPriority, setPriority } from "node:os";
import { text } from "node:stream/consumers";
import { median } from "./statistics.ts";

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

/** Starts a program that never waits, at an ordinary priority; it ends with this process at the latest. */
export function spin(cores: Cores): Disposable {
  const source =
    "const parent = process.ppid;" +
    "for (let turn = 0; ; turn += 1) if (turn % 1e7 === 0 && process.ppid !== parent) process.exit()";
  const [program = "", ...args] = pinned(cores, [process.execPath, "--eval", source]);
  const child = spawn(program, args, { stdio: "ignore" });
  return {
    [Symbol.dispose]: () => {
      child.kill("SIGKILL");
    },
  };
}

/** Kernel ticks a second in `/proc/<pid>/stat`; 100 on every Linux Node runs on. */
const TICKS_PER_SECOND = 100;

/** What `/proc/<pid>/stat` says of one process. */
export interface ProcStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all its threads and of children that have ended, in seconds. */
  readonly cpuSeconds: number;
}

/** Reads the text of `/proc/<pid>/stat`; the command in parentheses may hold spaces and parentheses. */
export function parseStat(text: string): ProcStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // With the time of children that have ended, or it would fall when one does.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(fields[1]),
    cpuSeconds: ticks / TICKS_PER_SECOND,
  };
}

/** `VmRSS` of `/proc/<pid>/status` in bytes; 0 for a process that is ending. */
export function parseResident(text: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}

/** Expands a list of cores such as `0-2,5`. */
export function parseCoreList(text: string): number[] {
  return text
    .trim()
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [first = 0, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** A process and all its descendants. */
export function processTree(root: number, processes: readonly ProcStat[]): ProcStat[] {
  const found = processes.filter(({ pid }) => pid === root);
  for (const process of found) {
    found.push(...processes.filter(({ parent }) => parent === process.pid));
  }
  return found;
}

/** What a process and its descendants have used. */
export interface Usage {
  /** User and system time since their start, in seconds. */
  readonly cpuSeconds: number;
  /** Sum of `VmRSS`; pages that processes share count in each of them. */
  readonly residentBytes: number;
  readonly pids: readonly number[];
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // the process ended meanwhile, or there is no /proc
  }
}

function allProcesses(): ProcStat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readOrNull(`/proc/${pid}/stat`))
    .filter((text) => text !== null)
    .map(parseStat);
}

/** Usage of a process tree; null where the system has no `/proc`. */
export function usageOf(root: number): Usage | null {
  if (readOrNull("/proc/self/stat") === null) return null;
  const tree = processTree(root, allProcesses());
  return {
    cpuSeconds: tree.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    residentBytes: tree.reduce(
      (sum, { pid }) => sum + parseResident(readOrNull(`/proc/${pid}/status`) ?? ""),
      0,
    ),
    pids: tree.map(({ pid }) => pid),
  };
}

/** Resident memory of a process tree in bytes; throws where the system has no `/proc`. */
export function residentBytesOf(root: number): number {
  const usage = usageOf(root);
  if (usage === null) throw new Error("the memory of a process needs /proc, which only Linux has");
  return usage.residentBytes;
}

/** CPU time of one process in seconds; null when it is gone. */
function cpuSecondsOf(pid: number): number | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text).cpuSeconds;
}

/**
 * Seconds that the main thread of a process was ready to run and had no core, since its start;
 * null where the system does not tell. Other threads of the process may have had the core.
 */
export function waitedSecondsOf(pid: number): number | null {
  const nanoseconds = readOrNull(`/proc/${pid}/schedstat`)?.split(" ")[1];
  return nanoseconds === undefined ? null : Number(nanoseconds) / 1e9;
}

/** Before whatever else runs at an ordinary priority. */
const FIRST_NICE = -10;

/**
 * Lets the calling program's first thread take a core whenever it wants one, as far as its user may, and returns what it got.
 *
 * A clock beside busy programs must not queue: by its nice value alone one was more than 1 ms late for 2 % of its turns.
 */
export function goFirst(): string {
  const chrt = ["--fifo", "--pid", "1", String(process.pid)];
  if (spawnSync("chrt", chrt, { stdio: "ignore" }).status === 0) return "real time";
  try {
    setPriority(FIRST_NICE);
  } catch {
    // Only root may; the report says which priority it was.
  }
  return ownPriority();
}

/** The calling program's claim on a core, such as `nice 0`. */
export function ownPriority(): string {
  return `nice ${getPriority()}`;
}

/** Milliseconds between two samples of a process's CPU time; kernel ticks are 10 ms. */
const INTERVAL_MS = 250;

/** Samples how much of a core a process uses; `stop` returns the median share, 1 being a whole core. */
function watchUsage(pid: number): { stop: () => number | null } {
  const shares: number[] = [];
  let last = { at: performance.now(), cpu: cpuSecondsOf(pid) };
  const timer = setInterval(() => {
    const now = { at: performance.now(), cpu: cpuSecondsOf(pid) };
    if (now.cpu !== null && last.cpu !== null) {
      shares.push((now.cpu - last.cpu) / ((now.at - last.at) / 1000));
    }
    last = now;
  }, INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      return shares.length === 0 ? null : median(shares);
    },
  };
}

/** What a process printed, and the share of a core it used. */
export interface ChildRun {
  readonly output: string;
  readonly cpu: number | null;
}

/** Runs a command on its cores until it ends; throws with its last words when it fails. */
export async function runChild(command: readonly string[], cores: Cores): Promise<ChildRun> {
  const [program = "", ...args] = pinned(cores, command);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const watch = watchUsage(child.pid ?? 0);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  try {
    const [code, output, problems] = await Promise.all([
      closed,
      text(child.stdout),
      text(child.stderr),
    ]);
    if (code !== 0) throw new Error(`the client failed: ${problems.trim().slice(-200)}`);
    return { output, cpu: watch.stop() };
  } finally {
    watch.stop();
  }
}

async function listens(port: number): Promise<number | null> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return null;
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? null) : null;
}

/** Throws when something listens on a port already: it would be measured in the server's place. */
export async function mustBeFree(port: number): Promise<void> {
  if ((await listens(port)) === null) {
    throw new Error(`port ${port} is in use; choose another with --port`);
  }
}

/** A port that is free, as is the one after it; below those that the system gives to connections and to port 0. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    if ((await listens(port)) !== null && (await listens(port + 1)) !== null) return port;
  }
}
