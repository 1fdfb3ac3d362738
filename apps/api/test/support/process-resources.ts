import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ApiProcess } from "./api-process.ts";

function status({ child }: ApiProcess, field: string): number {
  const text = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) / 1024;
}

/** Memory of a server process now, in MiB. */
export function resident(api: ApiProcess): number {
  return status(api, "VmRSS");
}

/** The most memory that a server process has had, in MiB. */
export function mostResident(api: ApiProcess): number {
  return status(api, "VmHWM");
}

/** How many sockets a server process has open. Its files are not counted: it opens those of jobs and threads when it likes. */
export function openSocketsOf({ child }: ApiProcess): number {
  const folder = `/proc/${child.pid}/fd`;
  const isSocket = (name: string) => {
    try {
      return readlinkSync(`${folder}/${name}`).startsWith("socket:");
    } catch {
      // Closed meanwhile.
      return false;
    }
  };
  return readdirSync(folder).filter(isSocket).length;
}

/** Why a fault with so many connections cannot be tried; absent where a process may open as many files. */
export function tooFewFiles(wanted: number): string | undefined {
  const text = readFileSync("/proc/self/limits", "utf8");
  const most = Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? Infinity);
  return most < wanted ? `a process may open ${most} files, and it takes ${wanted}` : undefined;
}
