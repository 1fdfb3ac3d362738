import { execFile, spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { totalmem } from "node:os";
import { parse } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What a process may take for one request. */
export interface ProcessBounds {
  /** Time that it computes; waiting for a core of a busy machine does not count, up to {@link MAX_WAITING}. */
  readonly deadlineMs: number;
  /** Resident memory of the whole process. */
  readonly memoryBytes: number;
}

const MIB = 2 ** 20;

/** The bounds for a model's file of so many bytes. */
export function boundsFor(bytes: number, base: ProcessBounds): ProcessBounds {
  const available = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
  return {
    deadlineMs: base.deadlineMs + Math.ceil(bytes * MS_PER_BYTE),
    memoryBytes: Math.min(base.memoryBytes + bytes * MEMORY_PER_BYTE, available * MEMORY_SHARE),
  };
}

/** Why a process returned no response. */
export class ProcessFailure extends Error {
  override readonly name = "ProcessFailure";
  /** `ended` is a crash, also one by the system's own limit of memory; `start` is a process that could not be started. */
  readonly kind: "deadline" | "memory" | "ended" | "start";

  constructor(kind: ProcessFailure["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** How many deadlines may pass by the clock. */
const MAX_WAITING = 4;

/** How often a process that works is looked at, in milliseconds: in one it takes at most some 5 MB. */
const WATCH_MS = 20;

/** The same where a program has to be started for it. */
const WATCH_BY_PROGRAM_MS = 200;

/** Longest response, in characters. */
const MAX_REPLY = 2 ** 22;

/** Memory beyond the base, for each byte of a model's file: opening a forest of 700,000 nodes takes 16 (decision 27). */
const MEMORY_PER_BYTE = 24;

/** Milliseconds beyond the base, for each byte: 30 s for 100 MiB. */
const MS_PER_BYTE = 30_000 / (100 * MIB);

/** The share of the machine's or container's memory that a process takes at most. */
const MEMORY_SHARE = 0.5;

/** Unit of times in `/proc`. */
const TICK_MS = 10;

const run = promisify(execFile);

interface Usage {
  readonly residentBytes: number;
  /** Time on all cores since it was started; `undefined` where the system does not say. */
  readonly cpuMs?: number;
}

/** What a process takes at the moment; nothing where it is gone. */
async function usageOf(pid: number): Promise<Usage> {
  try {
    if (process.platform === "linux") {
      const [status, stat] = await Promise.all(
        ["status", "stat"].map((file) => readFile(`/proc/${pid}/${file}`, "latin1")),
      );
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? "")?.[1] ?? 0;
      // Behind the program's name, which may hold anything, field 3 comes first; utime and stime are 14 and 15.
      const fields = (stat ?? "").slice((stat ?? "").lastIndexOf(")") + 2).split(" ");
      const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
      return { residentBytes: Number(kilobytes) * 1024, cpuMs };
    }
    const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
    return { residentBytes: Number(stdout) * 1024 };
  } catch {
    return { residentBytes: 0 };
  }
}

interface StartOptions {
  /** Working directory; the root of the file system by default, where no relative path leads anywhere. */
  readonly cwd?: string;
}

/** A process of this Node. */
interface ScriptOptions extends StartOptions {
  /** Module that the process runs; it calls `serveRequests`. */
  readonly script: URL;
  /** Heap of its JavaScript, in MiB; a model lies beside it. */
  readonly heapMb?: number;
}

/** A process of another program, which takes a line of standard input for a request and writes the response to descriptor 3. */
interface ProgramOptions extends StartOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: NodeJS.ProcessEnv;
}

function commandOf(options: ScriptOptions | ProgramOptions): Omit<ProgramOptions, "cwd"> {
  if ("program" in options) return options;
  const { script, heapMb = 512 } = options;
  return {
    program: process.execPath,
    args: [`--max-old-space-size=${heapMb}`, fileURLToPath(script)],
    env: { NODE_ENV: "production", ORT_DISABLE_TELEMETRY: "1" },
  };
}

/**
 * A process of its own that works on one request at a time within bounds, and is killed when it exceeds them.
 *
 * It inherits nothing: no variable of the environment, no file, and no output but a pipe for its responses.
 */
export class BoundedProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<ProcessFailure>;
  #reply = Promise.withResolvers<string>();
  /** Whether it has worked on a request before. */
  used = false;
  /** Whether it can take a request. */
  alive = true;

  constructor(options: ScriptOptions | ProgramOptions) {
    const { program, args, env } = commandOf(options);
    const { cwd = parse(process.execPath).root } = options;
    const stdio = ["pipe", "ignore", "ignore", "pipe"] as const;
    const child = spawn(program, args, { cwd, env, stdio: [...stdio] });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const end = (failure: ProcessFailure) => {
        this.alive = false;
        process.off("exit", this.kill);
        resolve(failure);
      };
      child.once("error", (cause) => {
        end(
          new ProcessFailure("start", `a process cannot be started: ${cause.message}`, { cause }),
        );
      });
      child.once("exit", (code, signal) => {
        const how = signal === null ? `with code ${code}` : `by ${signal}`;
        end(new ProcessFailure("ended", `the process ended ${how}`));
      });
    });
    process.once("exit", this.kill);
    // It alone does not keep this process alive; a request does.
    child.unref();
    child.stdin?.on("error", () => undefined);
    this.#listen();
  }

  #listen(): void {
    const output = this.#child.stdio[3];
    for (const pipe of [this.#child.stdin, output]) if (pipe instanceof Socket) pipe.unref();
    if (!(output instanceof Socket)) return;
    let text = "";
    output.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.length > MAX_REPLY) return this.kill();
      if (!text.endsWith("\n")) return undefined;
      this.#reply.resolve(text);
      text = "";
      return undefined;
    });
    output.on("error", () => undefined);
  }

  /** Absent where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Ends it at once. */
  readonly kill = (): void => {
    this.alive = false;
    this.#child.kill("SIGKILL");
  };

  /** Sends a request and returns the response as JSON text; fails with {@link ProcessFailure}, and the process with it. */
  async ask(request: unknown, { deadlineMs, memoryBytes }: ProcessBounds): Promise<string> {
    this.#reply = Promise.withResolvers();
    let exceeded: ProcessFailure | undefined;
    const exceed = (kind: "deadline" | "memory", message: string) => {
      exceeded ??= new ProcessFailure(kind, message);
      this.kill();
    };
    const tooLong = () =>
      exceed("deadline", `it took longer than ${Math.round(deadlineMs / 1000)} s`);
    const { pid = 0 } = this;
    const begun = performance.now();
    const before = await usageOf(pid);
    const deadline = setTimeout(tooLong, deadlineMs * MAX_WAITING);
    const look = async () => {
      const { residentBytes, cpuMs } = await usageOf(pid);
      const computed =
        cpuMs === undefined ? performance.now() - begun : cpuMs - (before.cpuMs ?? 0);
      if (computed > deadlineMs) tooLong();
      if (residentBytes <= memoryBytes) return;
      exceed("memory", `it took more than ${Math.round(memoryBytes / MIB)} MiB of memory`);
    };
    const everyMs = process.platform === "linux" ? WATCH_MS : WATCH_BY_PROGRAM_MS;
    const watch = setInterval(() => void look(), everyMs);
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    try {
      const outcome = await Promise.race([this.#reply.promise, this.#ended]);
      if (outcome instanceof ProcessFailure) throw exceeded ?? outcome;
      this.used = true;
      return outcome;
    } finally {
      clearTimeout(deadline);
      clearInterval(watch);
    }
  }
}
