import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { Execution } from "@sepal/model/session/inference-observer";
import type { Verdict } from "@sepal/model/repository/admission";
import { JobLoop } from "./job-loop.ts";
import type { FromJobThread, JobThreadData, ToJobThread } from "./job-runner.ts";
import { ModelCache } from "./model-cache.ts";
import { openQueue } from "./open-jobs.ts";

// The thread of a process that runs jobs, one after the other.

// On Linux this is the priority of the calling thread alone: predictions go first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const { settings, owner }: JobThreadData = workerData;
let executions: Execution[] = [];

function post(message: FromJobThread): void {
  parentPort?.postMessage(message);
}

function postExecutions(): void {
  if (executions.length === 0) return;
  post({ kind: "executed", executions });
  executions = [];
}

const verdicts = new Map<number, (verdict: Verdict) => void>();
let asked = 0;

const models = new ModelCache({
  settings,
  admit(candidate) {
    const id = asked;
    asked += 1;
    const verdict = new Promise<Verdict>((resolve) => verdicts.set(id, resolve));
    post({ kind: "admit", id, candidate });
    return verdict.finally(() => verdicts.delete(id));
  },
  observer: {
    modelLoaded() {},
    queued() {},
    rejected() {},
    executed(execution) {
      executions.push(execution);
      if (executions.length >= 100) postExecutions();
    },
  },
});

function report(error: unknown): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  post({ kind: "fault", reason });
}

const loop = new JobLoop({
  openQueue: () => openQueue(settings, owner, report),
  openModel: (name, version) => models.open(name, version),
  ended(id, status) {
    postExecutions();
    post({ kind: "ended", id, status });
  },
  report,
  maxColumns: settings.MAX_COLUMNS,
});
parentPort?.on("message", (message: ToJobThread) => {
  if (message === "wake") loop.wake();
  else if (message === "stop") loop.stop();
  else verdicts.get(message.id)?.(message.verdict);
});
await loop.run();
await models.release();
parentPort?.close();
