import { readFileSync } from "node:fs";

/** Process ids of the children of a process, from Linux's own list. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}
