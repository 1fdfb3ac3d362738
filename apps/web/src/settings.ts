import { addEnvFile } from "@sepal/settings/env-file";
import { misspellings } from "@sepal/settings/misspelled";
import { isPathPrefix, PATH_PREFIX_RULE } from "@sepal/schema/path-prefix";
import { SettingsError, settingsOrExit } from "@sepal/settings/settings-error";
import * as z from "zod";
import { trustedProxies } from "./trusted-proxies.ts";

const port = z
  .string()
  .regex(/^\d{1,5}$/, "must be a whole number from 0 to 65535")
  .transform(Number)
  .refine((value) => value <= 65_535, { error: "must be a whole number from 0 to 65535" });

const origin = z
  .url({ protocol: /^https?$/, error: "must be an http or https address" })
  .transform((value) => value.replace(/\/+$/, ""));

const HOST_NAME = /^(?:\*|[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

const hostNames = z
  .string()
  .transform((value) => value.split(",").flatMap((item) => item.trim() || []))
  .refine((names) => names.every((name) => HOST_NAME.test(name)), {
    error: "must be names such as sepal.example, separated by commas, or *",
  });

/** Every setting of the playground: its variable, its default, its rule and what it means. */
export const settingsSchema = z.object({
  WEB_HOST: z
    .string()
    .default("127.0.0.1")
    .meta({ description: "Address the playground listens on." }),
  WEB_PORT: port.default(3000).meta({ description: "Port of the playground." }),
  API_URL: origin.optional().meta({
    description: "Address of the API for the playground's server.",
    default: "from `HOST` and `PORT`",
  }),
  PUBLIC_API_URL: origin.optional().meta({
    description: "Address of the API in code snippets.",
    default: "`API_URL`",
  }),
  WEB_API_KEY: z
    .string()
    .regex(/^[\w.~+/=-]{16,256}$/, "must be a key of the API")
    .optional()
    .meta({
      description:
        "API key with which the playground's server reads the models of a guarded API; visitors enter their own.",
    }),
  ALLOWED_HOSTS: hostNames.optional().meta({
    description:
      "Allowed `Host` names of the playground besides `localhost`, `127.0.0.1` and `[::1]`; others are 421. The same variable as the API's.",
    default: "any; where `WEB_HOST` is a loopback address the host of `PUBLIC_API_URL`",
  }),
  WEB_TRUST_PROXY: trustedProxies
    .default(() => () => false)
    .meta({
      description:
        "Proxies whose `X-Forwarded-For` the playground forwards to the API, whose `TRUST_PROXY` has to include the playground.",
      default: "`false`",
    }),
  PATH_PREFIX: z.string().refine(isPathPrefix, PATH_PREFIX_RULE).default("").meta({
    description:
      "Path under which a proxy serves the playground, whether the proxy strips it or not; `X-Forwarded-Prefix` of a proxy in `WEB_TRUST_PROXY` takes precedence. The same variable as the API's.",
    default: "none",
  }),
  HOST: z.string().default("127.0.0.1"),
  PORT: port.default(8000),
});

/** The settings as the playground uses them; both addresses without a slash at the end. */
export type WebSettings = Omit<z.infer<typeof settingsSchema>, "HOST" | "PORT"> & {
  readonly API_URL: string;
  readonly PUBLIC_API_URL: string;
};

/** Reads settings from variables; throws one line for each wrong one. */
export function parseSettings(
  variables: Readonly<Record<string, string | undefined>>,
): WebSettings {
  // An empty variable is how shells and compose files say "not set".
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const line = `${name} ${issue.message}`;
      return name === "WEB_API_KEY" ? line : `${line}, not "${given[name] ?? ""}"`;
    });
    throw new SettingsError(lines);
  }
  const { HOST, PORT, ...settings } = parsed.data;
  // An API that listens everywhere is reached at this machine's own address.
  const host = HOST === "0.0.0.0" || HOST === "::" ? "127.0.0.1" : HOST;
  const API_URL = settings.API_URL ?? `http://${host.includes(":") ? `[${host}]` : host}:${PORT}`;
  return { ...settings, API_URL, PUBLIC_API_URL: settings.PUBLIC_API_URL ?? API_URL };
}

/** The settings of this request's process; the server reads them per request, never at build time. */
export function webSettings(): WebSettings {
  return parseSettings(process.env);
}

/** Whether this is the development server, whose tools need `eval`. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV === "development";
}

/**
 * Reads `.env` where there is one, then the environment, which wins; prints what is wrong and ends
 * the process. `childEnvironment` is what a server process of the playground is started with.
 */
export function readSettingsOrExit({ envFile }: { envFile: string }): WebSettings & {
  readonly childEnvironment: NodeJS.ProcessEnv;
} {
  return settingsOrExit(() => {
    addEnvFile(envFile, process.env);
    const settings = parseSettings(process.env);
    const { API_URL, PUBLIC_API_URL } = settings;
    // Spelled out: Next puts the playground's own port into `PORT`.
    const set = { API_URL, PUBLIC_API_URL, NEXT_TELEMETRY_DISABLED: "1" };
    return { ...settings, childEnvironment: { ...process.env, ...set } };
  });
}

/** Prints a line for each variable of the environment that looks like a setting of the playground and is none. */
export function warnOfMisspellings(): void {
  for (const { name, meant } of misspellings(process.env, "playground")) {
    process.stderr.write(`sepal: warning: ${name} is no setting; ${meant} is meant\n`);
  }
}
