import { workerData } from "node:worker_threads";

// A thread that ends its process when the one that started it is gone.

/** How often it looks, in milliseconds. */
const LOOK_MS = 250;

const parent: number = workerData;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, LOOK_MS);
