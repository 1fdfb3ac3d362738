import { oneOf } from "./setting-rules.ts";

/** What is logged, and how: settings of the API, part of `settings.ts`. */
export const logSettings = {
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info")
    .meta({ description: "Least important log line written." }),
  LOG_FORMAT: oneOf(["json", "pretty"]).optional().meta({
    description: "How log lines are written.",
    default: "`json`; on a terminal `pretty`",
  }),
};
