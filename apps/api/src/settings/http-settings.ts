import * as z from "zod";
import { integer, list } from "./setting-rules.ts";
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
    .meta({ description: "Most rows in one batch." }),
  MAX_CALLS: integer(1, 2000).default(100).meta({ description: "Most calls in one tRPC request." }),
  WARM_UP_REQUESTS: integer(0, 1_000_000).default(5000).meta({
    description:
      "Predictions that a process sends itself at its start, before it is ready, so that the first clients find compiled code; a second at most.",
  }),
  MAX_BODIES_BYTES: integer(1, 2 ** 40)
    .default(256 * 2 ** 20)
    .meta({
      description:
        "Most bytes of all large JSON bodies at once; a further one is answered with 503.",
    }),
  MAX_CONNECTIONS: integer(1, 1_000_000).default(10_000).meta({
    description:
      "Most open connections of a process, fewer where it may not open as many files; a further one is closed.",
  }),
  REQUEST_TIMEOUT_MS: integer(1000, 86_400_000).default(120_000).meta({
    description:
      "How long a request may take to arrive, in milliseconds, then 408; and how long its client may take no byte of the answer, then the connection ends.",
  }),
  STATUS_MAX_AGE_MS: integer(0, 60_000).default(1000).meta({
    description:
      "How long all requests share one computation of `/metrics` and one canary of each model for health checks, in milliseconds; 0 computes both for each request.",
  }),
  KEEP_ALIVE_TIMEOUT_MS: integer(1000, 86_400_000).default(72_000).meta({
    description:
      "How long a connection stays open between two requests, in milliseconds; longer than a load balancer in front keeps its own.",
  }),
  PATH_PREFIX: z.string().refine(isPathPrefix, PATH_PREFIX_RULE).optional().meta({
    description:
      "Path below which a proxy serves the API, whether it strips the path or not; `X-Forwarded-Prefix` of a trusted proxy comes before it.",
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
      description: "Origins whose pages may call the API; * lets in every page.",
      rule: "origins, separated by commas, or *",
    }),
  ALLOWED_HOSTS: list.optional().meta({
    description:
      "Names in `Host` that the server answers to besides `localhost`, `127.0.0.1` and `[::1]`, others are 421; `*` takes any. A proxy on the same machine has its public name here.",
    default: "any; where `HOST` is a loopback address the host of `PUBLIC_API_URL`",
    rule: "names without port, separated by commas, or *",
  }),
  PUBLIC_API_URL: z
    .url({ protocol: /^https?$/, error: "must be an http or https address" })
    .optional()
    .meta({
      description: "Where clients find the API: one of its allowed hosts, and what snippets show.",
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
