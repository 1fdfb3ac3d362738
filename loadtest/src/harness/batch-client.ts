import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setPriority } from "node:os";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { LeanConnection, requestBytes } from "./connections.ts";
import { pinned, type Cores } from "./host.ts";

const program = fileURLToPath(import.meta.url);

/** The weakest claim on a core that Linux knows: it takes what the server leaves. */
const LOWEST_PRIORITY = 19;

/** A client that sends batches without pause; `stop` throws when one of them failed. */
export interface BatchClient {
  stop(): Promise<void>;
}

/** Starts a batch client at the lowest priority and waits for its first response. */
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

/** Responses have many megabytes; fewer reads leave more of the core to the server. */
const READ_BYTES = 2 ** 20;

/** The client's own process: sends the same body without pause until it is stopped; prints a line after the first response. */
function sendBatches(url: string, file: string): void {
  const address = new URL(url);
  const request = requestBytes(address, readFileSync(file, "utf8").trimEnd());
  let first = true;

  const fail = (reason: string): never => {
    console.error(reason);
    return process.exit(1);
  };

  new LeanConnection(address, READ_BYTES, {
    opened: (connection) => connection.send(request),
    responded(connection, status) {
      if (status !== 200) fail(`a batch got status ${status}`);
      if (first) console.log("first response");
      first = false;
      connection.send(request);
    },
    closed: () => fail("the server closed the connection"),
    failed: (error) => fail(error.message),
  });
}

if (import.meta.main) {
  const [url = "", file = ""] = process.argv.slice(2);
  sendBatches(url, file);
}
