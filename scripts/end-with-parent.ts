import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

// Imported by a command, or preloaded with `--import`: sends this process SIGHUP when a process it was started through has ended.

/** How often the processes are looked up, in milliseconds. */
const POLL_MS = 250;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: readonly string[];
  /** Tells it from a later process with the same id; the same for all where there is no /proc. */
  readonly started: string;
}

const PROC = existsSync("/proc/self/stat");

/** Looks a process up; one that has ended but was not waited for counts as ended. */
function find(pid: number): Process | undefined {
  try {
    if (!PROC) {
      const line = execFileSync("ps", ["-ww", "-o", "ppid=,args=", "-p", String(pid)]);
      const [parent, ...command] = String(line).trim().split(/\s+/);
      return { pid, parent: Number(parent), command, started: "" };
    }
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is a name in brackets, which may have spaces and brackets of its own.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent, started = ""] = [fields[0], fields[1], fields[19]];
    if (/[XZ]/.test(state)) return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split(/[\0 ]/);
    return { pid, parent: Number(parent), command, started };
  } catch {
    return undefined;
  }
}

/** Whether a process still runs. */
function runs({ pid, started }: Process): boolean {
  if (PROC) return find(pid)?.started === started;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const isShell = ({ command }: Process) =>
  /(?:^|\/)\w*sh$/.test(command[0] ?? "") && command[1] === "-c";

/** `node --watch`, which preloads nothing into itself. */
const isWatcher = ({ command }: Process) => command.includes("--watch");

/** Whether it is npx, npm or pnpm, by its name or run by Node. */
const isPackageManager = ({ command }: Process) =>
  command.slice(0, 2).some((word) => /(?:^|\/)(?:npm|npx|pnpm)(?:-cli)?(?:\.[cm]?js)?$/.test(word));

/** The parent, that of a watcher, and where it belongs to `npx pnpm start`, the others up to the outermost package manager. */
function startedThrough(): readonly Process[] {
  const chain: Process[] = [];
  let length = 1;
  for (let found = find(process.ppid); found !== undefined; found = find(found.parent)) {
    chain.push(found);
    if (isPackageManager(found)) length = chain.length;
    else if (isWatcher(found)) length = chain.length + 1;
    else if (!isShell(found)) break;
  }
  return chain.slice(0, length);
}

/** Whether npx, which started pnpm, ended before this process could see it, as while pnpm was installing. */
function orphaned(chain: readonly Process[]): boolean {
  const byNpx = /[/\\]_npx[/\\]/.test(process.env["npm_execpath"] ?? "");
  return byNpx && chain.at(-1)?.parent === 1 && chain.filter(isPackageManager).length === 1;
}

if (isMainThread) {
  const chain = startedThrough();
  const late = orphaned(chain);
  const poll = setInterval(() => {
    if (!late && chain.every(runs)) return;
    const [parent] = chain;
    // It would start the program again.
    if (parent !== undefined && isWatcher(parent) && runs(parent)) {
      process.kill(parent.pid, "SIGHUP");
      return;
    }
    clearInterval(poll);
    process.kill(process.pid, "SIGHUP");
  }, POLL_MS).unref();
}
