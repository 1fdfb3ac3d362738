import { integer } from "./setting-rules.ts";

/** How a process ends: settings of the API, part of `settings.ts`. */
export const graceSettings = {
  READINESS_GRACE_MS: integer(0, 600_000)
    .default(0)
    .meta({ description: "How long after SIGTERM requests are still taken." }),
  SHUTDOWN_GRACE_MS: integer(0, 600_000)
    .default(10_000)
    .meta({ description: "How long work in flight may take to finish." }),
  WORKER_TIMEOUT_MS: integer(2000, 3_600_000).default(30_000).meta({
    description:
      "With several processes: how long one may give no sign of life before it is killed and replaced.",
  }),
};
