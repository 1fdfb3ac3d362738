import { readdirSync, readFileSync } from "node:fs";
import { parseResident, parseStat, processTree, type ProcStat } from "./proc-files.ts";

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

/** CPU time of one process in seconds; null when it is gone. */
export function cpuSecondsOf(pid: number): number | null {
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
