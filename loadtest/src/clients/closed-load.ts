import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { pinned, type Cores } from "../host/pinning.ts";
import type { ClosedLoop } from "./closed-loop.ts";
import type { LoadResult } from "./load.ts";

/** A {@link ClosedLoop} whose bodies are the name of a file with one a line. */
export interface ClosedLoad extends Omit<ClosedLoop, "url" | "requests"> {
  readonly url: string;
  readonly bodies: string;
}

/** What the generator saw, and the share of a core it used while it was measured. */
export interface ClosedResult extends LoadResult {
  readonly clientCpu: number;
}

/** Name of the generator for reports. */
export const CLOSED_LOOP_NAME = "Sepal's closed loop on node:net";

const program = fileURLToPath(new URL("closed-loop-process.ts", import.meta.url));

/**
 * Runs a closed loop from a process of its own. `read` is called twice: when the connections are open and
 * warm, right before the first counted request, and right after the last response.
 */
export async function runClosedLoad<Reading>(
  load: ClosedLoad,
  cores: Cores,
  read: () => Reading,
): Promise<{ before: Reading; result: ClosedResult; after: Reading }> {
  const command = [process.execPath, program, JSON.stringify(load)];
  const [file = "", ...args] = pinned(cores, command);
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  const problems = text(child.stderr);
  const closed = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const warm = await lines.next();
  if (warm.done !== true) {
    const before = read();
    child.stdin.write("measure\n");
    const line = await lines.next();
    const after = read();
    await closed;
    if (line.done !== true) return { before, result: JSON.parse(line.value), after };
  }
  await closed;
  throw new Error(`the client failed: ${(await problems).trim().slice(-200)}`);
}
