import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { pid } from "node:process";

/** Name of this process as the one that works on a job: machine, process id, and a word of its own. */
export const OWNER = `${hostname()} ${pid} ${randomUUID()}`;

/** Whether the process of that name has surely ended; not known of another machine, such as another container. */
export function hasEnded(owner: string): boolean {
  const [host, id] = owner.split(" ");
  if (owner === OWNER || host !== hostname()) return false;
  if (Number(id) === pid) return true;
  try {
    process.kill(Number(id), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
