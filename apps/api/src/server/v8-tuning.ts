import { createHook } from "node:async_hooks";
import { readdirSync, readFileSync } from "node:fs";
import { setPriority } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Has V8 mark its heap in one step where it collects it whole, not in many beside the requests.
 *
 * What is written while it marks in steps stays until the next full collection: 45 MB of a server under load, and one
 * begins after every batch of 100,000 rows (record 26). In one step it pauses for 28 ms instead of 39 to 51; each further
 * MB that lives adds 0.5 ms.
 */
export function disableIncrementalMarking(): void {
  setFlagsFromString("--no-incremental-marking");
}

/** Objects that keep their shape known to V8. */
const retained: unknown[] = [];

/**
 * Keeps one object of `process.nextTick`'s queue for as long as the process lives.
 *
 * Node makes these objects with computed keys. Where a full collection finds none of them, V8 forgets their shape, and
 * from the second time on it makes every one through its runtime: 600 ns instead of 100, five times a request (record 12).
 */
export function retainTickShape(): void {
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === "TickObject") retained.push(resource);
    },
  });
  hook.enable();
  process.nextTick(() => {});
  hook.disable();
}

const THREADS = "/proc/self/task";

/** A third of the main thread's share of a core. With the lowest, 19, code that was dropped stays slow for seconds. */
const NICE = 5;

/**
 * Lowers the priority of V8's own threads, which compile hot code.
 *
 * On one saturated core they hold requests up for 20 ms at a time: p99 at 100 connections in a fresh process 7 ms
 * instead of 22 (record 12). Where they collect garbage too, the main thread waits for them, and they keep their priority.
 */
export function lowerBackgroundThreads(): void {
  if (process.platform !== "linux" || !process.execArgv.includes("--single-threaded-gc")) return;
  for (const thread of readdirSync(THREADS)) {
    const name = readFileSync(`${THREADS}/${thread}/comm`, "utf8");
    if (name.includes("V8Worker")) setPriority(Number(thread), NICE);
  }
}

/**
 * Returns the memory that the start has used to the system: 206 MB resident become 156 where all models are loaded, 180 where the others come later.
 *
 * Takes 0.1 s and drops compiled code, so it is for the moment before the process warms up (record 37). V8 would keep the pages until it collects
 * for lack of memory, and allows that collection only through `gc`.
 */
export function trimHeap(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")({ type: "major", execution: "sync", flavor: "last-resort" });
}
