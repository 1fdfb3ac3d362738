import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, threadId, workerData } from "node:worker_threads";
import { SepalError } from "@sepal/schema/sepal-error";
import { packFailure } from "../src/workers/worker-pool.ts";

// A worker thread for the tests of the pool: it says, fails, crashes or takes its time as it is told.

interface Job {
  say?: string;
  throw?: string;
  crash?: true;
  hold?: number;
}

async function handle(job: Job): Promise<void> {
  if (job.crash === true) process.exit(1);
  if (job.hold !== undefined) await sleep(job.hold);
  if (job.throw !== undefined) {
    const failure = packFailure(new SepalError("not_found", job.throw));
    parentPort?.postMessage({ kind: "failure", failure });
    return;
  }
  const result = { said: job.say ?? "", thread: threadId };
  parentPort?.postMessage({ kind: "result", result });
}

if (workerData === "broken") throw new Error("this thread cannot start");
parentPort?.on("message", (job: Job) => void handle(job));
parentPort?.postMessage({ kind: "ready" });
