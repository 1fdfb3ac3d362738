import { DEFAULT_MAX_COLUMNS } from "@sepal/schema/files/file-format";
import * as z from "zod";
import { integer } from "./setting-rules.ts";

/** Files and jobs: settings of the API, part of `settings.ts`. */
export const jobSettings = {
  DATA_DIR: z.string().default(".data").meta({
    description:
      "Folder of what is kept on disk: jobs with their files, and what a client has not read yet.",
  }),
  DATABASE_URL: z
    .url({ protocol: /^postgres(?:ql)?$/, error: "must be a postgres or postgresql address" })
    .optional()
    .meta({
      description: "PostgreSQL that keeps the jobs of all replicas; without it, `DATA_DIR` does.",
      secret: true,
    }),
  JOBS_MAX_QUEUED: integer(1, 1_000_000)
    .default(100)
    .meta({ description: "Most jobs that wait; a further one is answered with 503." }),
  JOBS_MAX_BYTES: integer(1, 2 ** 50)
    .default(10 * 2 ** 30)
    .meta({
      description:
        "Most bytes of inputs and results of all jobs, reserved while a file arrives and before a result grows; an upload beyond is answered with 503, a job whose result does not fit fails.",
    }),
  SPOOL_MAX_BYTES: integer(1, 2 ** 50)
    .default(4 * 2 ** 30)
    .meta({
      description:
        "Most bytes on disk of the files that a process scores while they arrive: what their clients have not read, and what `strict` checks first; a file beyond is 503 or cut off.",
    }),
  MAX_COLUMNS: integer(1, 1_000_000).default(DEFAULT_MAX_COLUMNS).meta({
    description: "Most columns of a CSV file, and keys, objects and lists of a JSON line.",
  }),
  JOBS_TTL_S: integer(1, 31_536_000)
    .default(86_400)
    .meta({ description: "How long an ended job and its result are kept, in seconds." }),
};
