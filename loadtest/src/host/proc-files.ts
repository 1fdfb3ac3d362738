/** Kernel ticks a second in `/proc/<pid>/stat`; 100 on every Linux Node runs on. */
const TICKS_PER_SECOND = 100;

/** What `/proc/<pid>/stat` says of one process. */
export interface ProcStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all its threads, in seconds. */
  readonly cpuSeconds: number;
}

/** Reads the text of `/proc/<pid>/stat`; the command in parentheses may hold spaces and parentheses. */
export function parseStat(text: string): ProcStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
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
