import cluster from "node:cluster";

/** How long what still holds the event loop may go on, in milliseconds. */
const HELD_MS = 1000;

/**
 * Ends the process with a code once its event loop has nothing left, at the latest after a second.
 *
 * `process.exit` waits for V8's threads, and one that compiles may wait for a collection by the main thread: of 500 processes
 * that were stopped while they warmed up, two never ended (nodejs/node#54918). Where the event loop ends, V8 releases its
 * threads first.
 */
export function endProcess(code: number): void {
  process.exitCode = code;
  // Where the channel to the primary just closed, the process would take the primary to have ended.
  cluster.worker?.disconnect();
  setTimeout(() => process.exit(code), HELD_MS).unref();
}

/** Kills a worker whose primary has ended: Node would call `process.exit`. */
export function killWithoutPrimary(): void {
  cluster.worker?.once("disconnect", () => {
    if (cluster.worker?.exitedAfterDisconnect !== true) process.kill(process.pid, "SIGKILL");
  });
}
