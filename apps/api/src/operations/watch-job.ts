import { setTimeout as sleep } from "node:timers/promises";
import type { Job, JobWatch } from "@sepal/schema/job";
import { unavailable } from "@sepal/schema/unavailable";
import { findJob, toJob } from "./jobs.ts";
import type { CallContext } from "../context.ts";

/** How often a watched job is looked at, in milliseconds: 8 µs each time. */
const LOOK_MS = 150;

/** A job after a change; `id` grows with every change. */
export interface JobEvent {
  readonly id: string;
  readonly job: Job;
}

/**
 * Gives a job at once and after every change until it ends, from `lastEventId` on where the client has seen that.
 *
 * Fails with `not_found`, and with `unavailable` when the server ends, so that the client watches on elsewhere.
 */
export async function* watchJob(
  { job_id, lastEventId }: JobWatch,
  context: CallContext,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobEvent, void, void> {
  let seen = /^\d{1,15}$/.test(lastEventId ?? "") ? Number(lastEventId) : 0;
  for (;;) {
    if (signal?.aborted === true) return;
    const record = await findJob(job_id, context);
    if (record.revision > seen) {
      seen = record.revision;
      yield { id: String(seen), job: toJob(record) };
    }
    if (record.finishedAt !== null) return;
    if (context.services.lifecycle.refusing) {
      throw unavailable("the server is shutting down");
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}
