import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { addEnvFile } from "@sepal/settings/env-file";
import { identityMisspellings, misspellings, type Misspelling } from "@sepal/settings/misspelled";
import { SettingsError, settingsOrExit } from "@sepal/settings/settings-error";
import * as z from "zod";
import { httpSettings } from "./http-settings.ts";
import { identityConflict, identitySettings } from "./identity-settings.ts";
import { jobSettings } from "./job-settings.ts";
import { quotaSettings } from "./quota-settings.ts";
import { telemetrySettings } from "./telemetry-settings.ts";
import { modelSettings } from "./model-settings.ts";
import { boolean, integer, oneOf } from "./setting-rules.ts";

const port = integer(0, 65_535);

/** Every setting of the API: its variable, its default, its rule and what it means. */
export const settingsSchema = z.object({
  HOST: z.string().default("127.0.0.1").meta({ description: "Address the API listens on." }),
  PORT: port.default(8000).meta({ description: "Port of the API; 0 picks a free one." }),
  WORKERS: z
    .string()
    .trim()
    .regex(/^(?:auto|[1-9]\d{0,2})$/, "must be auto or a whole number from 1 to 999")
    .transform((value) => (value === "auto" ? availableParallelism() : Number(value)))
    .default(1)
    .meta({ description: "Server processes; auto starts one per core." }),
  DOCS_ENABLED: boolean.optional().meta({
    description: "Whether /docs, /redoc and /openapi.json exist.",
    default: "`true`; with `NODE_ENV=production` `false`",
  }),
  ECHO_INPUT: boolean.default(true).meta({
    description:
      "Whether errors repeat values of the request: `input` of a 422, and quoted values in messages; model and job names always appear.",
  }),
  ...modelSettings,
  ...identitySettings,
  ...quotaSettings,
  ...httpSettings,
  ...jobSettings,
  READINESS_GRACE_MS: integer(0, 600_000)
    .default(0)
    .meta({ description: "Milliseconds after SIGTERM in which requests are still accepted." }),
  SHUTDOWN_GRACE_MS: integer(0, 600_000)
    .default(10_000)
    .meta({ description: "Milliseconds that requests in flight have to finish during shutdown." }),
  WORKER_TIMEOUT_MS: integer(2000, 3_600_000).default(30_000).meta({
    description:
      "With several processes: how long a process may be unresponsive before it is killed and replaced, in milliseconds.",
  }),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info")
    .meta({ description: "Lowest level that is logged." }),
  LOG_FORMAT: oneOf(["json", "pretty"]).optional().meta({
    description: "Format of log lines.",
    default: "`json`; on a terminal `pretty`",
  }),
  ...telemetrySettings,
});

/** Settings whose values no message shows. */
const secrets = new Set(
  Object.entries(settingsSchema.shape).flatMap(([name, field]) =>
    field.meta()?.["secret"] === true ? [name] : [],
  ),
);

/** The settings as the server uses them. */
export interface Settings extends Omit<
  z.infer<typeof settingsSchema>,
  "DOCS_ENABLED" | "LOG_FORMAT" | "INFERENCE_THREADS"
> {
  readonly INFERENCE_THREADS: number;
  readonly DOCS_ENABLED: boolean;
  readonly LOG_FORMAT: "json" | "pretty";
}

/** Reads settings from variables; throws a `SettingsError` that names each wrong one. */
export function parseSettings(
  variables: Readonly<Record<string, string | undefined>>,
  { terminal = false } = {},
): Settings {
  // Shells and compose files leave a variable empty to mean "not set".
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    throw new SettingsError(
      parsed.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        const line = `${name} ${issue.message}`;
        return secrets.has(name) ? line : `${line}, not "${given[name] ?? ""}"`;
      }),
    );
  }
  const conflict = identityConflict(parsed.data);
  if (conflict !== undefined) throw new SettingsError([conflict]);
  refuseMisspelledIdentity(given, parsed.data);
  const { WORKERS } = parsed.data;
  return {
    ...parsed.data,
    // The cores but one, shared by the processes.
    INFERENCE_THREADS:
      parsed.data.INFERENCE_THREADS ??
      Math.max(1, Math.floor((availableParallelism() - 1) / WORKERS)),
    DOCS_ENABLED: parsed.data.DOCS_ENABLED ?? given["NODE_ENV"] !== "production",
    LOG_FORMAT: parsed.data.LOG_FORMAT ?? (terminal ? "pretty" : "json"),
  };
}

/** Fails where no keys or users are configured and a variable looks like a misspelled one: the server would let every caller in. */
function refuseMisspelledIdentity(
  given: Readonly<Record<string, string | undefined>>,
  settings: Pick<
    Settings,
    "API_KEYS" | "API_KEYS_FILE" | "JWT_SECRET" | "USERS_FILE" | "OIDC_ISSUERS"
  >,
): void {
  const { API_KEYS, API_KEYS_FILE, JWT_SECRET, USERS_FILE, OIDC_ISSUERS } = settings;
  if (API_KEYS.length > 0 || OIDC_ISSUERS.length > 0) return;
  if ((API_KEYS_FILE ?? JWT_SECRET ?? USERS_FILE) !== undefined) return;
  const found = identityMisspellings(given);
  if (found.length === 0) return;
  throw new SettingsError(
    found.map(
      ({ name, meant }) =>
        `${name} is no setting, ${meant} is meant; without it everybody would be let in: set ${meant}, or remove ${name}`,
    ),
  );
}

/**
 * Reads `.env` where there is one, then the environment, which wins; prints a line for each wrong setting and ends the
 * process with 1.
 */
export function readSettingsOrExit(): Settings {
  return settingsOrExit(() => {
    // A worker has the environment of its primary, which has read the file; it may have changed since.
    if (!cluster.isWorker) addEnvFile(".env", process.env);
    return parseSettings(process.env, { terminal: process.stdout.isTTY });
  });
}

/** Variables of the environment that look like a setting and are none. */
export function misspelledSettings(): readonly Misspelling[] {
  return misspellings(process.env, "api");
}
