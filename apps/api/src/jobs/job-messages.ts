import type { Execution } from "@sepal/model/session/inference-observer";
import type { Candidate, Verdict } from "@sepal/model/repository/admission";
import type { JobStatus } from "@sepal/schema/job";
import type { Settings } from "../settings/settings.ts";

/** What the thread of jobs is started with. */
export interface JobThreadData {
  readonly settings: Settings;
  /** Under which name it claims jobs. */
  readonly owner: string;
}

/** To the thread: there is a new job, stop at the next checkpoint, or whether a version may be opened. */
export type ToJobThread = "wake" | "stop" | { readonly id: number; readonly verdict: Verdict };

/** From the thread: what it ran, how a job ended there, which version it wants to open, and what failed. */
export type FromJobThread =
  | { readonly kind: "executed"; readonly executions: readonly Execution[] }
  | { readonly kind: "ended"; readonly id: string; readonly status: JobStatus }
  | { readonly kind: "admit"; readonly id: number; readonly candidate: Candidate }
  | { readonly kind: "fault"; readonly reason: string };
