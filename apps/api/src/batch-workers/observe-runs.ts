import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import type { BatchAnswer } from "./batch-job.ts";

/** Tells what a thread ran for one answer. */
export function observeRuns(
  observer: InferenceObserver,
  model: string,
  version: string,
  { runs, sample }: Pick<BatchAnswer, "runs" | "sample">,
): void {
  for (let run = 0; run < runs.length; run += 2) {
    const [rows = 0, computeSeconds = 0] = runs.subarray(run, run + 2);
    const execution = { model, version, lane: "worker" as const, rows, computeSeconds };
    // The rows of all executions come with the first.
    observer.executed(run === 0 ? { ...execution, sample } : execution);
  }
}
