import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { plainEnvironment, ROOT } from "../settings.ts";
import { checkPredictions } from "./golden-rows.ts";
import { mustBeFree, pinned, usageOf, type Cores } from "./host.ts";
import { peerNamed, type Peer } from "./peers.ts";
import { ensurePythonEnvironment, pythonFolder, withoutPlaces } from "./python-environment.ts";
import { writeBodies } from "./request-bodies.ts";
import { ensureRustBuild, RUST_PROGRAM } from "./rust-build.ts";

/** A server under measurement. */
export interface PeerServer extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** Empties the file its output goes to, so that a fast logger does not fill the disk. */
  forgetOutput(): void;
}

/** Where the output of a server goes: a file, `/dev/null`, or a pipe that this process empties. */
export const LOG_SINKS = ["file", "null", "pipe"] as const;
/** See {@link LOG_SINKS}. */
export type LogSink = (typeof LOG_SINKS)[number];

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 3000;

const running = new Set<number>();

/** Stops the servers that still run when this process is interrupted. */
export function endServersOnSignal(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      const pids = [...running].flatMap((pid) => usageOf(pid)?.pids ?? [pid]);
      for (const pid of pids) if (alive(pid)) process.kill(pid, "SIGKILL");
      process.exit(130);
    });
  }
}

/** Installs or builds what a peer needs beside this repository's packages; returns the reason when it cannot, else null. */
export async function ensurePeer({ kind, python }: Peer): Promise<string | null> {
  if (python !== undefined) return await ensurePythonEnvironment(python);
  return kind === "rust" ? await ensureRustBuild() : null;
}

function commandLine(peer: Peer, port: number): string[] {
  const [program = "", ...rest] = peer.command(port);
  if (peer.kind === "rust") return [RUST_PROGRAM, program, ...rest];
  if (peer.python === undefined) return [peer.node ?? process.execPath, program, ...rest];
  return [`${pythonFolder(peer.python)}/.venv/bin/${program}`, ...rest];
}

async function responds(url: string, mustBeOk: boolean): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok || !mustBeOk;
  } catch {
    return false;
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function endAll(pids: readonly number[], signal: NodeJS.Signals): Promise<void> {
  for (const pid of pids) if (alive(pid)) process.kill(pid, signal);
  const end = performance.now() + STOP_LIMIT_MS;
  while (pids.some(alive) && performance.now() < end) await pause(20);
}

/** Starts a peer on its cores and waits until it serves; throws with the reason when it does not. */
export async function startPeer(
  peer: Peer,
  port: number,
  cores: Cores,
  log: LogSink = "file",
): Promise<PeerServer> {
  await mustBeFree(port);
  const folder = mkdtempSync(`${tmpdir()}/sepal-bench-`);
  const output = `${folder}/output.txt`;
  writeFileSync(output, "");
  const descriptor = openSync(log === "null" ? "/dev/null" : output, "a");
  const sink = log === "pipe" ? "pipe" : descriptor;
  const [program = "", ...args] = pinned(cores, commandLine(peer, port));
  const child = spawn(program, args, {
    // A folder without .env: Sepal reads one where it starts.
    cwd: peer.python === undefined ? folder : pythonFolder(peer.python),
    env: plainEnvironment({
      ...(peer.python !== undefined && {
        PYTHONPATH: `${ROOT}loadtest/peers/python`,
        BENTOML_DO_NOT_TRACK: "True",
        BENTOML_HOME: folder,
      }),
      ...peer.variables?.(port),
    }),
    stdio: ["ignore", sink, sink],
  });
  child.stdout?.resume();
  child.stderr?.resume();
  closeSync(descriptor);
  const failure = once(child, "error").then(([error]) => error as Error);
  const failed = { reason: null as string | null };
  void failure.then((error) => (failed.reason = error.message)).catch(() => {});
  const url = `http://127.0.0.1:${port}`;
  const pid = child.pid ?? 0;
  if (pid !== 0) running.add(pid);
  const server: PeerServer = {
    pid,
    url,
    forgetOutput: () => truncateSync(output),
    async [Symbol.asyncDispose]() {
      const pids = pid === 0 ? [] : (usageOf(pid)?.pids ?? [pid]);
      await endAll(pids.slice(0, 1), "SIGTERM");
      await endAll(pids, "SIGKILL");
      running.delete(pid);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const end = performance.now() + START_LIMIT_MS;
  while (!(await responds(url + (peer.ready ?? "/"), peer.ready !== null))) {
    const ended = failed.reason !== null || child.exitCode !== null;
    if (ended || performance.now() > end) {
      const lines = readFileSync(output, "utf8").trim().split("\n");
      await server[Symbol.asyncDispose]();
      const why = ended ? "ended at start" : `did not serve within ${START_LIMIT_MS / 1000} s`;
      throw new Error(withoutPlaces(`${why}: ${failed.reason ?? lines.at(-1) ?? ""}`));
    }
    await pause(50);
  }
  return server;
}

/** Starts a peer and compares its predictions with the golden rows; throws, with the peer stopped, where they differ. */
export async function checkedPeer(
  peer: Peer,
  port: number,
  cores: Cores = null,
): Promise<PeerServer> {
  const server = await startPeer(peer, port, cores);
  const wrong = await checkPredictions(peer, server.url);
  if (wrong === null) return server;
  await server[Symbol.asyncDispose]();
  throw new Error(`wrong predictions: ${wrong}`);
}

/** A Sepal server of its own with what a load of single rows needs. */
export interface SepalUnderLoad extends AsyncDisposable {
  readonly server: PeerServer;
  readonly url: string;
  /** File of request bodies, one a line. */
  readonly bodies: string;
  /** Writes bodies of so many rows each, and returns where they go. */
  bodiesOf(rows: number, count: number): { readonly url: string; readonly file: string };
}

/** Different single rows that the connections go through. */
const SINGLE_BODIES = 256;

/** Starts Sepal on its cores, checks its predictions and writes bodies for it. */
export async function startSepal(
  port: number,
  cores: Cores,
  variables: Readonly<Record<string, string>> = {},
): Promise<SepalUnderLoad> {
  const rest = peerNamed("sepal-rest");
  const peer: Peer = {
    ...rest,
    // Figures are read right after what they count.
    variables: (port) => ({
      ...rest.variables?.(port),
      STATUS_MAX_AGE_MS: "0",
      ...variables,
    }),
  };
  const server = await checkedPeer(peer, port, cores);
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
