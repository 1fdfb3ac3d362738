import { existsSync } from "node:fs";
import { loadEnvFile } from "node:process";
import { availableParallelism } from "node:os";
import type { BatchLimits } from "@sepal/model/dynamic-batcher";
import * as z from "zod";
import { limitSettings } from "./http/limit-settings.ts";
import { identitySettings } from "./identity/identity-settings.ts";
import { quotaSettings } from "./quota/quota-settings.ts";
import { tracingSettings } from "./tracing/tracing-settings.ts";
import { SettingsError } from "./settings/settings-error.ts";
import { boolean, integer, list, oneOf } from "./settings/setting-rules.ts";

/** Whether a text is what a browser sends as `Origin`, such as `https://app.example`. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

const port = integer(0, 65_535);

/** Every setting of the API: its variable, its default, its rule and what it means. */
export const settingsSchema = z.object({
  HOST: z.string().default("127.0.0.1").meta({ description: "Address the API listens on." }),
  PORT: port.default(8000).meta({ description: "Port of the API; 0 takes any free one." }),
  MODELS_DIR: z.string().default("models").meta({ description: "The model repository." }),
  MODELS_POLL_MS: integer(0, 3_600_000).default(1000).meta({
    description:
      "How often the model repository is looked at for changes, in milliseconds; 0 never looks.",
  }),
  DEFAULT_MODEL: z
    .string()
    .default("iris-forest")
    .meta({ description: "Model that answers when none is named." }),
  REQUIRED_MODELS: list.default([]).meta({
    description: "Models besides the default one that readiness waits for.",
    rule: "names, separated by commas",
  }),
  WORKERS: z
    .string()
    .trim()
    .regex(/^(?:auto|[1-9]\d{0,2})$/, "must be auto or a whole number from 1 to 999")
    .transform((value) => (value === "auto" ? availableParallelism() : Number(value)))
    .default(1)
    .meta({ description: "Server processes on the port; auto takes one a core." }),
  INFERENCE_THREADS: integer(0, 1024).optional().meta({
    description: "Threads of a process for large batches; 0 keeps them on the main thread.",
    default: "cores less one, shared by the processes, at least 1",
  }),
  MAX_BODY_BYTES: integer(1, 2 ** 30)
    .default(16 * 2 ** 20)
    .meta({ description: "Largest request body, in bytes." }),
  MAX_FILE_BYTES: integer(1, 2 ** 40)
    .default(2 ** 30)
    .meta({ description: "Largest file, in bytes." }),
  MAX_BATCH_ROWS: integer(1, 10_000_000)
    .default(100_000)
    .meta({ description: "Most rows in one batch." }),
  BATCH_MAX_SIZE: integer(1, 65_536)
    .default(128)
    .meta({ description: "Most single predictions in one execution; 1 turns batching off." }),
  BATCH_MAX_DELAY_MS: integer(0, 1000).default(0).meta({
    description: "Longest wait for company, in milliseconds; a lone request never waits.",
  }),
  QUEUE_MAX_ROWS: integer(1, 1_000_000)
    .default(4096)
    .meta({ description: "Most single predictions waiting or running, per model." }),
  CACHE_SIZE: integer(0, 1_000_000).default(0).meta({
    description: "Answers of single predictions that each process keeps; 0 keeps none.",
  }),
  DOCS_ENABLED: boolean.optional().meta({
    description: "Whether /docs, /redoc and /openapi.json exist.",
    default: "`true`; with `NODE_ENV=production` `false`",
  }),
  ...identitySettings,
  ...quotaSettings,
  ...limitSettings,
  DATA_DIR: z.string().default(".data").meta({
    description:
      "Folder of what is kept on disk: jobs with their files, and what a client has not read yet.",
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
  CORS_ORIGINS: list
    .refine((origins) => origins.every((origin) => origin === "*" || isOrigin(origin)), {
      error: "must be origins such as https://app.example, separated by commas, or *",
    })
    .default([])
    .meta({
      description: "Origins whose pages may call the API; * lets in every page.",
      rule: "origins, separated by commas, or *",
    }),
  READINESS_GRACE_MS: integer(0, 600_000)
    .default(0)
    .meta({ description: "How long after SIGTERM requests are still taken." }),
  SHUTDOWN_GRACE_MS: integer(0, 600_000)
    .default(10_000)
    .meta({ description: "How long work in flight may take to finish." }),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info")
    .meta({ description: "Least important log line written." }),
  LOG_FORMAT: oneOf(["json", "pretty"]).optional().meta({
    description: "How log lines are written.",
    default: "`json`; on a terminal `pretty`",
  }),
  ...tracingSettings,
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

/** The bounds of the dynamic batcher. */
export function batchLimits(settings: Settings): BatchLimits {
  return {
    maxBatchSize: settings.BATCH_MAX_SIZE,
    maxDelayMs: settings.BATCH_MAX_DELAY_MS,
    maxQueueRows: settings.QUEUE_MAX_ROWS,
  };
}

/** Reads settings from variables; throws a `SettingsError` that names each wrong one. */
export function parseSettings(
  variables: Readonly<Record<string, string | undefined>>,
  { terminal = false } = {},
): Settings {
  // An empty variable is how shells and compose files say "not set".
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

/** Reads `.env` where there is one, then the environment, which wins. */
function readSettings(): Settings {
  if (existsSync(".env")) loadEnvFile(".env");
  return parseSettings(process.env, { terminal: process.stdout.isTTY });
}

/** The same for the start of a process: a wrong setting is told in one line each and ends it with 1. */
export function readSettingsOrExit(): Settings {
  try {
    return readSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const line of error.lines) process.stderr.write(`sepal: ${line}\n`);
    return process.exit(1);
  }
}
