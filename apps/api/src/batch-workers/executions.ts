import type { Execution, InferenceObserver } from "@sepal/model/session/inference-observer";
import type { BatchResult } from "./worker-jobs.ts";

/** About so many sampled rows go along with a result at most. */
const SAMPLED_ROWS = 2048;

/** Executions for the main thread's metrics, in memory that moves there with the result. */
export function packRuns(executions: readonly Execution[]): Pick<BatchResult, "runs" | "sample"> {
  const runs = Float64Array.from(
    executions.flatMap(({ rows, computeSeconds }) => [rows, computeSeconds]),
  );
  return { runs, sample: joinSamples(executions) };
}

/** The sampled rows of executions, put together. */
function joinSamples(executions: readonly Execution[]): BatchResult["sample"] {
  const all = executions.flatMap(({ sample }) => sample ?? []);
  const width = all[0]?.width ?? 1;
  const numbers = all.reduce((sum, { rows }) => sum + rows.length, 0);
  const stride = Math.ceil(numbers / (SAMPLED_ROWS * width));
  const samples = all.filter((_, index) => index % stride === 0);
  const rows = new Float32Array(samples.reduce((sum, sample) => sum + sample.rows.length, 0));
  let at = 0;
  for (const sample of samples) {
    rows.set(sample.rows, at);
    at += sample.rows.length;
  }
  return { rows, width };
}

/** Reports to an observer what a thread ran for one result. */
export function observeRuns(
  observer: InferenceObserver,
  model: string,
  version: string,
  { runs, sample }: Pick<BatchResult, "runs" | "sample">,
): void {
  for (let run = 0; run < runs.length; run += 2) {
    const [rows = 0, computeSeconds = 0] = runs.subarray(run, run + 2);
    const execution = { model, version, lane: "worker" as const, rows, computeSeconds };
    // The rows of all executions come with the first.
    observer.executed(run === 0 ? { ...execution, sample } : execution);
  }
}
