import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import { SepalError } from "@sepal/schema/sepal-error";

/** Why work is refused, by the word that counts it. */
export const REFUSALS = {
  overloaded: "singles would wait too long",
  queue_full: "too many rows, large batches or explanations wait",
  deadline: "the deadline comes before the turn would",
  answers_unread: "clients have too many bytes of large answers to read",
  worker_crashed: "the thread of the batch ended",
  bodies: "too many large bodies at once",
  files_full: "too many files are being scored",
  jobs_full: "too many jobs wait, or those that are kept fill their space",
  jobs_closed: "the folder of jobs cannot be opened",
  disk_full: "no room to spool a file",
  disk: "the disk of jobs is full or failed",
  database: "the database of jobs cannot be reached or failed",
} as const;

/** Counts a failure as work refused where it is one; gives it back. */
export function counted<E>(error: E, observer: Pick<InferenceObserver, "rejected"> | undefined): E {
  if (error instanceof SepalError && error.reason !== undefined && error.reason in REFUSALS) {
    observer?.rejected(error.reason);
  }
  return error;
}
