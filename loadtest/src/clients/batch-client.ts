import { spawn } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { pinned, type Cores } from "../host/pinning.ts";

const program = fileURLToPath(new URL("batch-process.ts", import.meta.url));

/** The weakest claim on a core that Linux knows: it takes what the server leaves. */
const LOWEST_PRIORITY = 19;

/** A client that sends batches without pause; `stop` throws when one of them failed. */
export interface BatchClient {
  stop(): Promise<void>;
}

/** Starts a batch client at the lowest priority and waits for its first answer. */
export async function startBatches(
  batch: { readonly url: string; readonly file: string },
  cores: Cores,
): Promise<BatchClient> {
  const [command = "", ...args] = pinned(cores, [process.execPath, program, batch.url, batch.file]);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const problems = text(child.stderr);
  const closed = once(child, "close");
  const failure = async () => new Error(`the batch client failed: ${(await problems).trim()}`);
  if (child.pid !== undefined) setPriority(child.pid, LOWEST_PRIORITY);
  const started = await Promise.race([
    once(child.stdout, "data").then(() => true),
    closed.then(() => false),
  ]);
  if (!started) throw await failure();
  return {
    async stop() {
      if (child.exitCode !== null) throw await failure();
      child.kill("SIGTERM");
      await closed;
    },
  };
}
