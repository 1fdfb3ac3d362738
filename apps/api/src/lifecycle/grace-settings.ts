import { integer } from "../settings/setting-rules.ts";

/** How a process ends: settings of the API, part of `settings.ts`. */
export const graceSettings = {
  READINESS_GRACE_MS: integer(0, 600_000)
    .default(0)
    .meta({ description: "How long after SIGTERM requests are still taken." }),
  SHUTDOWN_GRACE_MS: integer(0, 600_000)
    .default(10_000)
    .meta({ description: "How long work in flight may take to finish." }),
};
