import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { watchClient } from "./client-usage.ts";
import { pinned, type Cores } from "../host/pinning.ts";

/** What a process printed, and the share of a core it used. */
export interface ChildRun {
  readonly output: string;
  readonly cpu: number | null;
}

/** Runs a command on its cores until it ends; throws with its last words when it fails. */
export async function runChild(command: readonly string[], cores: Cores): Promise<ChildRun> {
  const [program = "", ...args] = pinned(cores, command);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const watch = watchClient(child.pid ?? 0);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  try {
    const [code, output, problems] = await Promise.all([
      closed,
      text(child.stdout),
      text(child.stderr),
    ]);
    if (code !== 0) throw new Error(`the client failed: ${problems.trim().slice(-200)}`);
    return { output, cpu: watch.stop() };
  } finally {
    watch.stop();
  }
}
