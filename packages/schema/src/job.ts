import * as z from "zod";
import { modelChoice } from "./predict.ts";

/** How far a job is; the last three are final. */
export const jobStatus = z
  .enum(["queued", "running", "succeeded", "failed", "cancelled"])
  .meta({ id: "JobStatus", description: "Succeeded, failed and cancelled are final." });

/** See {@link jobStatus}. */
export type JobStatus = z.infer<typeof jobStatus>;

const jobId = z.string().min(1).max(128).meta({ description: "Id of the job." });
const time = z.iso.datetime();

/** Response to a new job. */
export const jobCreated = z.object({ job_id: jobId, status: jobStatus }).meta({ id: "JobCreated" });

/** See {@link jobCreated}. */
export type JobCreated = z.infer<typeof jobCreated>;

/** A job as `GET /jobs/{job_id}` and `jobs.watch` show it; times are UTC. */
export const job = z
  .object({
    job_id: jobId,
    status: jobStatus,
    rows_done: z.int().min(0).meta({ description: "Rows in the result, invalid ones included." }),
    rows_bad: z.int().min(0).meta({ description: "Rows with an error instead of a prediction." }),
    rows_total: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: "Rows of the file; null until they are counted." }),
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    error: z.string().nullable().meta({ description: "Why it failed, or why it waits." }),
  })
  .meta({ id: "Job" });

/** See {@link job}. */
export type Job = z.infer<typeof job>;

/** Input of what reads or cancels one job. */
export const jobRef = z.strictObject({ job_id: jobId });

/** See {@link jobRef}. */
export type JobRef = z.infer<typeof jobRef>;

/** Input of `jobs.watch`; `lastEventId` is what a client that comes back has seen last. */
export const jobWatch = jobRef.extend({ lastEventId: z.string().max(128).nullish() });

/** See {@link jobWatch}. */
export type JobWatch = z.infer<typeof jobWatch>;

/** Most characters of a file in a procedure's input: reading them as JSON holds the server for some 10 ms. */
const MAX_JOB_TEXT = 4 * 2 ** 20;

/** Input of `jobs.create`: a file as a text. A larger one goes to `POST /jobs`. */
export const jobRequest = z.strictObject({
  format: z.enum(["csv", "ndjson"]),
  data: z
    .string()
    .min(1)
    .max(MAX_JOB_TEXT)
    .meta({ description: "The whole file; of CSV with its header." }),
  ...modelChoice,
  strict: z.boolean().nullish().meta({ description: "Fail at the first bad row." }),
  spreadsheet: z.boolean().nullish().meta({
    description: "Make the cells of a CSV result safe for spreadsheets.",
  }),
  idempotency_key: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: "Idempotency key: a retry with the same input returns the same job." }),
});

/** See {@link jobRequest}. */
export type JobRequest = z.infer<typeof jobRequest>;
