import * as z from "zod";
import { boolean, integer, list } from "./setting-rules.ts";
import { DEFAULT_MAX_CALLS } from "@sepal/schema/limits";
import { isPathPrefix, PATH_PREFIX_RULE } from "@sepal/schema/path-prefix";

/** Whether a text is what a browser sends as `Origin`, such as `https://app.example`. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Whether an origin has a star in its host: the browser sends no such origin, so it would match nothing. */
function hasWildcard(origin: string): boolean {
  return origin !== "*" && origin.includes("*");
}

/** What requests and connections may cost, and from where the API may be called: settings of the API, part of `settings.ts`. */
export const httpSettings = {
  MAX_BODY_BYTES: integer(1, 2 ** 30)
    .default(16 * 2 ** 20)
    .meta({ description: "Largest request body, in bytes." }),
  MAX_FILE_BYTES: integer(1, 2 ** 40)
    .default(2 ** 30)
    .meta({ description: "Largest file, in bytes." }),
  MAX_BATCH_ROWS: integer(1, 10_000_000)
    .default(100_000)
    .meta({ description: "Limit of rows per batch." }),
  MAX_CALLS: integer(1, 2000)
    .default(DEFAULT_MAX_CALLS)
    .meta({ description: "Limit of calls per tRPC request." }),
  COMPRESSION: boolean.default(true).meta({
    description:
      "Whether documents, pages and JSON of 8 KiB and more are sent as zstd, br or gzip to clients that take it.",
  }),
  WARM_UP_REQUESTS: integer(0, 1_000_000).default(5000).meta({
    description:
      "Predictions that a process sends to itself before it is ready, so that the first clients meet compiled code; for at most one second.",
  }),
  MAX_BODIES_BYTES: integer(1, 2 ** 40)
    .default(256 * 2 ** 20)
    .meta({
      description:
        "Limit of the bytes of all large JSON bodies in memory; further ones are rejected with 503.",
    }),
  MAX_CONNECTIONS: integer(1, 1_000_000).default(10_000).meta({
    description:
      "Limit of open connections per process, lower where the file descriptor limit is; further ones are closed.",
  }),
  REQUEST_TIMEOUT_MS: integer(1000, 86_400_000).default(120_000).meta({
    description:
      "Time limit for a request to arrive, in milliseconds, then 408; and for a client that reads no byte of its response, then the connection is closed.",
  }),
  STATUS_MAX_AGE_MS: integer(0, 60_000).default(1000).meta({
    description:
      "How long requests share one result of `/metrics` and one canary per model for health checks, in milliseconds; 0 computes both per request.",
  }),
  KEEP_ALIVE_TIMEOUT_MS: integer(1000, 86_400_000).default(72_000).meta({
    description:
      "How long an idle connection stays open, in milliseconds; keep it longer than the load balancer's.",
  }),
  PATH_PREFIX: z.string().refine(isPathPrefix, PATH_PREFIX_RULE).optional().meta({
    description:
      "Path under which a proxy serves the API, whether the proxy strips it or not; `X-Forwarded-Prefix` of a trusted proxy takes precedence.",
    rule: "a path",
  }),
  CORS_ORIGINS: list
    .refine((origins) => !origins.some(hasWildcard), {
      error:
        "must name each origin, since a * within one matches nothing; only * alone stands for every page",
      abort: true,
    })
    .refine((origins) => origins.every((origin) => origin === "*" || isOrigin(origin)), {
      error: "must be origins such as https://app.example, separated by commas, or *",
    })
    .default([])
    .meta({
      description: "Origins whose pages may call the API; * allows every origin.",
      rule: "origins, separated by commas, or *",
    }),
  ALLOWED_HOSTS: list.optional().meta({
    description:
      "Allowed `Host` names besides `localhost`, `127.0.0.1` and `[::1]`; others are 421, and `*` allows any. Behind a proxy on the same machine, add its public name.",
    default: "any; where `HOST` is a loopback address the host of `PUBLIC_API_URL`",
    rule: "names without port, separated by commas, or *",
  }),
  PUBLIC_API_URL: z
    .url({ protocol: /^https?$/, error: "must be an http or https address" })
    .optional()
    .meta({
      description:
        "Address of the API for clients: an allowed host, and the address in code snippets.",
    }),
};

const http = z.object(httpSettings);

/** How long the head alone may take to arrive, in milliseconds. */
const MAX_HEAD_MS = 20_000;

/** Longest pause between two looks at slow connections, in milliseconds. */
const MAX_CHECK_INTERVAL_MS = 5000;

/** How often slow clients are looked for, in milliseconds: four times in the time they have. */
export function checkIntervalMs(timeoutMs: number): number {
  return Math.min(MAX_CHECK_INTERVAL_MS, timeoutMs / 4);
}

/** Options of Node's HTTP server that cut off clients which are too slow. */
export function slowClientOptions({ REQUEST_TIMEOUT_MS }: z.infer<typeof http>) {
  return {
    headersTimeout: Math.min(MAX_HEAD_MS, REQUEST_TIMEOUT_MS),
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: checkIntervalMs(REQUEST_TIMEOUT_MS),
  };
}
