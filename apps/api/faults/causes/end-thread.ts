import { isMainThread, type Worker } from "node:worker_threads";

// Told "end a thread", the process ends the next thread that is given work, in the middle of it.
if (isMainThread) {
  let armed = false;
  process.on("message", (message) => {
    if (message === "end a thread") armed = true;
  });
  process.on("worker", (worker: Worker) => {
    const postMessage = worker.postMessage.bind(worker);
    worker.postMessage = (message: unknown, transfer?: Parameters<Worker["postMessage"]>[1]) => {
      // oxlint-disable-next-line typescript/no-explicit-any -- both of its forms at once
      postMessage(message, transfer as any);
      if (!armed || message === undefined) return;
      armed = false;
      void worker.terminate();
    };
  });
}
