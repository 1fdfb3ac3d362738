import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/api-process.ts";
import { sized } from "../support/sized.ts";

// What `npx -y pnpm@12 start` is: npx, a shell, pnpm, a shell, scripts/start.ts, the servers. Here with small servers.

const RUN = new URL("../../../../scripts/run.ts", import.meta.url).href;
const STOP_SIGNALS = new URL("../../src/stop-signals.ts", import.meta.url).href;
/** Offline: the pnpm that npx has kept. */
const ENVIRONMENT = {
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  npm_config_offline: "true",
};
const NPX = ["npx", "-y", "pnpm@12"];
const permitted =
  process.platform === "linux" &&
  spawnSync("npx", ["-y", "pnpm@12", "--version"], { env: ENVIRONMENT, cwd: tmpdir() }).status ===
    0;
const terminal = spawnSync("script", ["--version"]).status === 0;

/** Drains for a while at the first signal, as the API does; a second one cuts that off. */
const SERVER = `
  import { appendFileSync } from "node:fs";
  import { handleStop } from ${JSON.stringify(STOP_SIGNALS)};
  let draining = false;
  const end = (event, code) => {
    appendFileSync("events", event);
    process.exit(code);
  };
  handleStop(() => {
    if (draining) end("cut off\\n", 1);
    draining = true;
    setTimeout(end, 1000, "drained\\n", 0);
  });
  setInterval(() => {}, 1000);
  appendFileSync("events", "up\\n");
`;

/** As the playground: a process around another one. */
const WRAPPER = `
  import { spawn } from "node:child_process";
  const child = spawn(process.execPath, ["server.mjs"], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGHUP"));
  child.once("close", (code) => process.exit(code));
`;

const SERVERS = [["server.mjs"], ["wrapper.mjs"]];
const WATCHED = [["--watch", "server.mjs"], ["wrapper.mjs"]];

const startOf = (servers: readonly (readonly string[])[]) => `
  import { runServers } from ${JSON.stringify(RUN)};
  runServers(${JSON.stringify(servers)});
`;

/** Processes whose working directory is a folder, by their command lines; those that have ended are left out. */
function processesIn(folder: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (readlinkSync(`/proc/${name}/cwd`) !== folder) continue;
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      if (command !== "") found.set(Number(name), command);
    } catch {
      // It has ended.
    }
  }
  return found;
}

async function startChain(command: readonly string[], servers = SERVERS) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "sepal-chain-")));
  const file = (name: string) => join(folder, name);
  await writeFile(file("package.json"), JSON.stringify({ scripts: { start: "node start.mjs" } }));
  await writeFile(file("start.mjs"), startOf(servers));
  await writeFile(file("server.mjs"), SERVER);
  await writeFile(file("wrapper.mjs"), WRAPPER);
  await writeFile(file("events"), "");
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd: folder, env: ENVIRONMENT, detached: true });
  let output = "";
  child.stdout.on("data", (part) => (output += part));
  child.stderr.on("data", (part) => (output += part));
  const closed = once(child, "close");
  const events = async () => (await readFile(file("events"), "utf8")).trim().split("\n");
  const left = () => [...processesIn(folder).values()];
  await eventually(async () => (await events()).length === 2, "both servers are up");
  return {
    stdin: child.stdin,
    events,
    /** Signals the one process of the chain whose command line matches. */
    signal(pattern: RegExp, signal: NodeJS.Signals) {
      const pids = [...processesIn(folder)].filter(([, line]) => pattern.test(line));
      if (pids.length !== 1)
        throw new Error(`${pattern} is ${pids.length} of ${left().join("; ")}`);
      for (const [pid] of pids) process.kill(pid, signal);
    },
    async ended() {
      await eventually(() => left().length === 0, `none is left: ${output}`).catch(
        (cause: unknown) => {
          throw new Error(`left: ${left().join("; ")}`, { cause });
        },
      );
      await closed;
    },
    async [Symbol.asyncDispose]() {
      for (const pid of processesIn(folder).keys()) process.kill(pid, "SIGKILL");
      await closed;
      await rm(folder, { recursive: true });
    },
  };
}

const NPX_PROCESS = /^npm exec/;
const OUTER_SHELL = /^sh -c '?pnpm/;
const PNPM = /^\S*pnpm start/;
const SCRIPT_SHELL = /^sh -c trap .* node start\.mjs/s;
const COMMAND = /^node start\.mjs/;
const WRAPPING = /wrapper\.mjs/;

// Skipped where npx has kept no pnpm, and on systems without /proc.
describe.skipIf(!permitted)("npx -y pnpm@12 start", () => {
  const IN_SHORT = [
    ["pnpm", "SIGTERM", PNPM],
    ["a server", "SIGKILL", WRAPPING],
  ] as const;
  const REST = [
    ["npx", "SIGTERM", NPX_PROCESS],
    ["npx", "SIGKILL", NPX_PROCESS],
    ["the shell of npx", "SIGHUP", OUTER_SHELL],
    ["the script's shell", "SIGTERM", SCRIPT_SHELL],
    ["scripts/start.ts", "SIGINT", COMMAND],
    ["scripts/start.ts", "SIGKILL", COMMAND],
    ["a server", "SIGTERM", WRAPPING],
  ] as const;
  test.concurrent.each(sized([...IN_SHORT, ...REST], IN_SHORT))(
    "drains both servers and leaves no process when %s gets %s",
    async (_name, signal, pattern) => {
      await using chain = await startChain([...NPX, "start"]);
      chain.signal(pattern, signal);
      await chain.ended();
      expect(await chain.events()).toEqual(["up", "up", "drained", "drained"]);
    },
  );
});

describe.skipIf(!permitted)("npx -y pnpm@12 dev", () => {
  test.concurrent.each<NodeJS.Signals>(sized(["SIGTERM", "SIGKILL"], ["SIGTERM"]))(
    "drains both servers and leaves no watcher when scripts/dev.ts gets %s",
    async (signal) => {
      await using chain = await startChain([...NPX, "start"], WATCHED);
      chain.signal(COMMAND, signal);
      await chain.ended();
      expect(await chain.events()).toEqual(["up", "up", "drained", "drained"]);
    },
  );
});

// Skipped as above, and without the program `script`, which gives a command a terminal.
describe.skipIf(!permitted || !terminal)("npx -y pnpm@12 start in a terminal", () => {
  const IN_TERMINAL = ["script", "-qfec", [...NPX, "start"].join(" "), "/dev/null"];

  test.concurrent("Ctrl+C drains both servers, cuts nothing off and leaves no process", async () => {
    await using chain = await startChain(IN_TERMINAL);
    chain.stdin.write("\u0003");
    await chain.ended();
    expect(await chain.events()).toEqual(["up", "up", "drained", "drained"]);
  });

  const CLOSED = ["the terminal is closed", /^script /, "SIGKILL"] as const;
  const REST = [
    ["pnpm gets SIGKILL", PNPM, "SIGKILL"],
    ["scripts/start.ts gets SIGINT", COMMAND, "SIGINT"],
  ] as const;
  test.concurrent.each(sized([CLOSED, ...REST], [CLOSED]))(
    "the same when %s",
    async (_name, pattern, signal) => {
      await using chain = await startChain(IN_TERMINAL);
      chain.signal(pattern, signal);
      await chain.ended();
      expect(await chain.events()).toEqual(["up", "up", "drained", "drained"]);
    },
  );
});
