import { writeFileSync, writeSync } from "node:fs";
import { setPriority } from "node:os";
import { Worker } from "node:worker_threads";

/** Where responses go: neither library nor model writes there. */
const REPLIES = 3;

/** Beside a server that takes all it can get, a quarter of a core. */
const PRIORITY = 5;

/** Lets the system, where it runs out of memory, end this process and not the one that serves. */
function volunteer(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Another system than Linux.
  }
}

function send(reply: object): void {
  const bytes = Buffer.from(`${JSON.stringify(reply)}\n`);
  for (let sent = 0; sent < bytes.length;) sent += writeSync(REPLIES, bytes, sent);
}

/**
 * Works on the requests that a {@link BoundedProcess} sends, one after the other, until it sends no more.
 *
 * The process runs at a low priority, and ends with the one that started it.
 */
export async function serveRequests(handle: (json: string) => Promise<object>): Promise<void> {
  setPriority(PRIORITY);
  volunteer();
  // A thread, because a model may never let this one run again.
  new Worker(new URL("orphan-guard.ts", import.meta.url), { workerData: process.ppid }).unref();
  // One request at a time comes in; `readline` would also break a line within a JSON string, at U+2028.
  let text = "";
  for await (const part of process.stdin.setEncoding("utf8")) {
    text += part;
    if (!text.endsWith("\n")) continue;
    const request = text;
    text = "";
    send(await handle(request));
  }
  process.exit();
}
