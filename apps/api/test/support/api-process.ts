import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const endWithParent = new URL("../../../../scripts/end-with-parent.ts", import.meta.url).href;
const ownMain = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Saves a quarter of the CPU time of a start; a process writes to it at its exit, unless it is killed. */
export const COMPILE_CACHE = fileURLToPath(
  new URL("../../../../node_modules/.cache/api-compile", import.meta.url),
);

/** A running API: a process of its own, on a free port, with its own settings. */
export interface ApiProcess extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  /** Log lines so far. */
  readonly log: readonly LogLine[];
  /** Everything written to standard error so far. */
  errors(): string;
  /** The exit code, once the process has ended and its output is read. */
  readonly ended: () => Promise<number | null>;
}

/** One JSON log line. */
export type LogLine = Readonly<Record<string, unknown>>;

interface ProcessOptions {
  readonly variables?: Readonly<Record<string, string>>;
  /** Working directory; the root of the workspace by default. */
  readonly cwd?: string;
  /** Path of another workspace's `main.ts`. */
  readonly main?: string;
  /** The user and group that the process runs as, where the tests run as root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** How many files the process may have open. */
  readonly openFiles?: number;
}

/** Processes that end with the test file which started them. */
const running = new Set<ChildProcess>();

/** Kills the processes that a test file left behind where a test took too long. */
export function endLeftProcesses(): void {
  for (const child of running) child.kill("SIGKILL");
}

interface StartOptions extends ProcessOptions {
  /** Whether it outlives the test file; off by default. */
  readonly shared?: boolean;
  /** Wait until `/health/ready` answers 200 and no model is loading any more; on by default. */
  readonly ready?: boolean;
}

/** Waits until a condition holds; fails after `milliseconds`, which is far more than a busy machine needs. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = 150_000,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether every version of every model is ready or has failed. */
export async function settled(url: string): Promise<boolean> {
  const text = await (await fetch(`${url}/models`)).text();
  return !text.includes('"state":"loading"');
}

function launch({ variables = {}, cwd = root, main = ownMain, openFiles, user }: ProcessOptions) {
  // As `start:api` does.
  const node = [process.execPath, "--single-threaded-gc", "--import", endWithParent, main];
  const limited = ["sh", "-c", `ulimit -n ${openFiles} && exec "$@"`, "sh", ...node];
  const [command = "", ...args] = openFiles === undefined ? node : limited;
  const child = spawn(command, args, {
    cwd,
    // Tests read figures right after what they count.
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      PORT: "0",
      STATUS_MAX_AGE_MS: "0",
      // Half a second of CPU for each of hundreds of starts.
      WARM_UP_REQUESTS: "0",
      ...variables,
    },
    // By the last one some faults are brought about from the inside.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    ...user,
  });
  const log: LogLine[] = [];
  let rest = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) log.push(JSON.parse(line));
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  // Asked for at once: the event may pass before anybody waits.
  const closed = once(child, "close");
  return {
    child,
    log,
    errors: () => errors,
    ended: async () => {
      await closed;
      return child.exitCode;
    },
  };
}

/** Runs the API where it is to end by itself; gives its exit code and the lines of standard error. */
export async function runApi(options: ProcessOptions) {
  const { ended, errors } = launch(options);
  const code = await ended();
  return { code, lines: errors().split("\n").slice(0, -1) };
}

/** Starts the API as a user does and waits until it listens (and is ready). */
export async function startApi({
  ready = true,
  shared = false,
  ...options
}: StartOptions = {}): Promise<ApiProcess> {
  const api = launch(options);
  const { child, log, errors, ended } = api;
  if (!shared) {
    running.add(child);
    child.once("exit", () => running.delete(child));
  }
  const listening = () => log.find((line) => line["msg"] === "listening");
  await eventually(() => {
    if (child.exitCode !== null) throw new Error(`the API ended: ${errors()}`);
    return listening() !== undefined;
  }, "the API listens");
  const url = String(listening()?.["address"]);
  if (ready) {
    await eventually(async () => (await fetch(`${url}/health/ready`)).ok, "ready");
    await eventually(() => settled(url), "no model is loading");
  }
  return {
    ...api,
    url,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended();
    },
  };
}
