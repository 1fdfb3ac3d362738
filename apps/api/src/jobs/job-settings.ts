import * as z from "zod";
import { integer } from "../settings/setting-rules.ts";

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
    .meta({ description: "Bytes of inputs and results from which on no job is taken." }),
  JOBS_TTL_S: integer(1, 31_536_000)
    .default(86_400)
    .meta({ description: "How long an ended job and its result are kept, in seconds." }),
};
