import type { Execution } from "@sepal/model/inference-observer";
import type { JobStatus } from "@sepal/schema/job";
import type { Settings } from "../settings.ts";

/** What the thread of jobs is started with. */
export interface JobThreadData {
  readonly settings: Settings;
  /** Under which name it claims jobs. */
  readonly owner: string;
}

/** To the thread: there is a new job, or stop at the next checkpoint. */
export type ToJobThread = "wake" | "stop";

/** From the thread: what it ran, how a job ended there, and what failed. */
export type FromJobThread =
  | { readonly kind: "executed"; readonly executions: readonly Execution[] }
  | { readonly kind: "ended"; readonly id: string; readonly status: JobStatus }
  | { readonly kind: "fault"; readonly reason: string };
