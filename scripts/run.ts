import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import "./end-with-parent.ts";

/** Makes a Node program, and those it starts, end with the process that started it, however that ends. */
const PRELOAD = `--import=${new URL("./end-with-parent.ts", import.meta.url).href}`;

const children = new Set<ChildProcess>();
let stopSignal: NodeJS.Signals | undefined;
/** Servers that end with 0 at a signal have done what was asked; another command was interrupted. */
let serving = false;
let failed = false;

function exitOnceStopped(): void {
  if (stopSignal === undefined || children.size > 0) return;
  process.exit(serving && !failed ? 0 : 128 + constants.signals[stopSignal]);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    stopSignal ??= signal;
    // The signal may have reached the children too, and a second SIGINT or SIGTERM would cut off what servers have in flight.
    for (const child of children) child.kill("SIGHUP");
    exitOnceStopped();
  });
}

/** Starts a command; it ends with this process, and this process after it at a signal. */
function start(
  [file = "", ...args]: readonly string[],
  variables: NodeJS.ProcessEnv = {},
  stdio: StdioOptions = "inherit",
) {
  const env = { ...process.env, ...variables };
  if (file === process.execPath) env["NODE_OPTIONS"] = `${env["NODE_OPTIONS"] ?? ""} ${PRELOAD}`;
  const child = spawn(file, args, { stdio, env });
  children.add(child);
  child.once("close", (code) => {
    children.delete(child);
    if (code !== 0) failed = true;
    exitOnceStopped();
  });
  return child;
}

/** Runs a command and returns its exit code and all that it wrote. */
export async function runCaptured(
  command: readonly string[],
): Promise<{ code: number; output: string }> {
  const child = start(command, {}, ["ignore", "pipe", "pipe"]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (part: string) => (output += part));
  }
  try {
    const [code] = await once(child, "close");
    return { code: code ?? 1, output };
  } catch (error) {
    children.delete(child);
    throw error;
  }
}

/** Runs a command with this terminal's output and returns its exit code. */
export function run(
  command: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = start(command, variables);
    child.once("error", (error) => {
      children.delete(child);
      reject(error);
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Runs Node programs side by side until one of them ends, which is a failure, or this process is stopped. */
export function runServers(commands: readonly (readonly string[])[]): { readonly ended: boolean } {
  let ended = false;
  serving = true;
  for (const args of commands) {
    start([process.execPath, ...args]).once("close", (code) => {
      ended = true;
      process.exitCode ??= code === 0 ? 1 : (code ?? 1);
      for (const other of children) other.kill("SIGHUP");
    });
  }
  return {
    get ended() {
      return ended || stopSignal !== undefined;
    },
  };
}
