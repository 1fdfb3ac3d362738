import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

// Calls an address as a blocking client does: the calling thread stands still until the answer is there.
// Node has no such client, so a thread makes the call while this one waits on shared memory.

interface Shared {
  /** Calls asked for and calls answered. */
  readonly counts: Int32Array<SharedArrayBuffer>;
}

if (!isMainThread) {
  const { counts }: Shared = workerData;
  parentPort?.on("message", (url: string) => {
    void fetch(url)
      .then((response) => response.arrayBuffer())
      .finally(() => {
        Atomics.add(counts, 0, 1);
        Atomics.notify(counts, 0);
      });
  });
}

/** A function that calls `url` and returns when it has answered; nothing else runs on the thread meanwhile. */
export function blockingFetch(url: string): () => void {
  const counts = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { counts } satisfies Shared });
  return () => {
    const answered = Atomics.load(counts, 0);
    worker.postMessage(url);
    Atomics.wait(counts, 0, answered);
  };
}
