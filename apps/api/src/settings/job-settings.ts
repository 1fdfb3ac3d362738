import { DEFAULT_MAX_COLUMNS } from "@sepal/schema/files/file-format";
import * as z from "zod";
import { integer } from "./setting-rules.ts";

/** Files and jobs: settings of the API, part of `settings.ts`. */
export const jobSettings = {
  DATA_DIR: z.string().default(".data").meta({
    description:
      "Folder for jobs with their files, and for results that clients have not read yet.",
  }),
  DATABASE_URL: z
    .url({ protocol: /^postgres(?:ql)?$/, error: "must be a postgres or postgresql address" })
    .optional()
    .meta({
      description:
        "PostgreSQL that keeps the jobs of all replicas; without it, jobs are kept in `DATA_DIR`.",
      secret: true,
    }),
  JOBS_MAX_QUEUED: integer(1, 1_000_000)
    .default(100)
    .meta({ description: "Limit of queued jobs; further ones are rejected with 503." }),
  JOBS_MAX_BYTES: integer(1, 2 ** 50)
    .default(10 * 2 ** 30)
    .meta({
      description:
        "Limit of the bytes of all job inputs and results, reserved while a file arrives and before a result grows; an upload beyond it is rejected with 503, a job whose result does not fit fails.",
    }),
  SPOOL_MAX_BYTES: integer(1, 2 ** 50)
    .default(4 * 2 ** 30)
    .meta({
      description:
        "Limit of the bytes on disk, per process, of files scored while they arrive: results not read yet, and uploads that `strict` checks first; a file beyond it is rejected with 503 or cut off.",
    }),
  MAX_COLUMNS: integer(1, 1_000_000).default(DEFAULT_MAX_COLUMNS).meta({
    description: "Limit of columns of a CSV file, and of keys, objects and lists of a JSON line.",
  }),
  JOBS_TTL_S: integer(1, 31_536_000)
    .default(86_400)
    .meta({ description: "How long a finished job and its result are kept, in seconds." }),
};
