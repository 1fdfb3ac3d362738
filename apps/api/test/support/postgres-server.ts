import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "./api-process.ts";
import { freePort } from "./free-port.ts";
import { childrenOf } from "./process-tree.ts";

/** Debian keeps the server's programs off the path. */
const FOLDERS = [
  ...(process.env["PATH"] ?? "").split(delimiter),
  ...globSync("/usr/lib/postgresql/*/bin"),
];

const BIN = FOLDERS.find((folder) => existsSync(join(folder, "initdb")));

/** Whom the server runs as: root it refuses. */
function account(): { uid?: number; gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {};
  const line = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  return line === null ? undefined : { uid: Number(line[1]), gid: Number(line[2]) };
}

const ACCOUNT = account();

/** Why tests with PostgreSQL are skipped; `undefined` where there is one. */
export const WITHOUT_POSTGRES =
  BIN === undefined
    ? "there is no PostgreSQL server on this machine"
    : ACCOUNT === undefined
      ? "root cannot run PostgreSQL, and there is no user postgres"
      : undefined;

/** A PostgreSQL with a data folder of its own, on 127.0.0.1. */
export interface PostgresServer extends AsyncDisposable {
  readonly url: string;
  start(): Promise<void>;
  /** As if its machine had gone: connections break, what was committed stays. */
  stop(): Promise<void>;
  /** Lets all its processes hang, or go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
}

/** Makes a cluster in a temporary folder and starts it. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), "sepal-postgres-"));
  const own = ACCOUNT ?? {};
  if (own.uid !== undefined && own.gid !== undefined) chownSync(folder, own.uid, own.gid);
  const data = join(folder, "data");
  const options = { ...own, cwd: folder };
  const flags = ["-D", data, "-U", "sepal", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  await promisify(execFile)(join(BIN ?? "", "initdb"), flags, options);
  const port = await freePort();
  const args = ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1"];
  args.push("-c", `unix_socket_directories=${folder}`, "-c", "fsync=off");
  const launch = () =>
    spawn(join(BIN ?? "", "postgres"), args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let child: ReturnType<typeof launch> | undefined;
  const stop = async () => {
    if (child === undefined) return;
    const closed = once(child, "close");
    child.kill("SIGQUIT");
    await closed;
    child = undefined;
  };
  const start = async () => {
    const begun = launch();
    child = begun;
    let output = "";
    begun.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    await eventually(() => {
      if (begun.exitCode !== null) throw new Error(`postgres: ${output}`);
      return output.includes("ready to accept connections");
    }, "PostgreSQL is ready");
  };
  await start();
  return {
    url: `postgres://sepal@127.0.0.1:${port}/postgres`,
    start,
    stop,
    signal(name) {
      const { pid } = child ?? {};
      if (pid === undefined) throw new Error("there is no PostgreSQL");
      // It first, so that it makes no others meanwhile.
      for (const id of [pid, ...childrenOf(pid)]) process.kill(id, name);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
