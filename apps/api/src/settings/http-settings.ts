import * as z from "zod";
import { integer } from "./setting-rules.ts";

/** What requests and connections may cost: settings of the API, part of `settings.ts`. */
export const limitSettings = {
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
};

const limits = z.object(limitSettings);

/** How long the head alone may take to arrive, in milliseconds. */
const MAX_HEAD_MS = 20_000;

/** Longest pause between two looks at slow connections, in milliseconds. */
const MAX_CHECK_INTERVAL_MS = 5000;

/** How often slow clients are looked for, in milliseconds: four times in the time they have. */
export function checkIntervalMs(timeoutMs: number): number {
  return Math.min(MAX_CHECK_INTERVAL_MS, timeoutMs / 4);
}

/** Options of Node's HTTP server that cut off clients which are too slow. */
export function slowClientOptions({ REQUEST_TIMEOUT_MS }: z.infer<typeof limits>) {
  return {
    headersTimeout: Math.min(MAX_HEAD_MS, REQUEST_TIMEOUT_MS),
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: checkIntervalMs(REQUEST_TIMEOUT_MS),
  };
}
