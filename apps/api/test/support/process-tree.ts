import { readFileSync } from "node:fs";

/** Whether a process probes models, which one that serves starts and ends as it needs it. */
function probes(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("probe-process.ts");
  } catch {
    return false;
  }
}

/** Process ids of the children of a process, from Linux's own list, without those that probe models. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return (text === "" ? [] : text.split(" ").map(Number)).filter((child) => !probes(child));
}
