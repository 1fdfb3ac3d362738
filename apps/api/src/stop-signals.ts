/** Stops the process; a second call should cut off what is in flight. */
export type StopHandler = (signal: NodeJS.Signals) => void;

// Nothing is served yet that would have to be finished.
let handler: StopHandler = () => process.exit(0);
let received: NodeJS.Signals | undefined;

// Installed at import, so that `main.ts` can do it before the server is read from disk: until then a signal to PID 1 is
// lost, and any other process is killed by it.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => {
    // Ctrl+C and a closed terminal signal every process of the group; with several, the primary decides.
    if (signal !== "SIGTERM" && process.getBuiltinModule("node:cluster").isWorker) return;
    // SIGHUP means that what started this process is ending. It comes beside the signal that ended that, in either order.
    const same = received !== undefined && (signal === "SIGHUP" || received === "SIGHUP");
    if (received === undefined || signal !== "SIGHUP") received = signal;
    if (!same) handler(signal);
  });
}
// Its default action would end the process; only a primary that serves has something to restart.
process.on("SIGUSR2", () => undefined);

/** Sets what SIGTERM, SIGINT and SIGHUP do from now on. */
export function handleStop(next: StopHandler): void {
  handler = next;
}
