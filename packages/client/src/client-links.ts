import type { AppRouter } from "@sepal/api/router";
import {
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type Operation,
  type TRPCLink,
} from "@trpc/client";
import { EventSource } from "eventsource";
import type { ClientOptions } from "./client-options.ts";
import { deadlineLink, remaining } from "./deadline-link.ts";
import { orRefusal } from "./refusal.ts";
import { retryLink } from "./retry-link.ts";

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;

/** The server's own default of `MAX_CALLS`. */
const DEFAULT_MAX_CALLS = 100;

/** Whether a procedure answers in parts. */
function answersInParts({ path }: Operation): boolean {
  return path === "predictStream" || path.endsWith(".predictStream");
}

/** Headers of every request: the key and the caller's own. */
function commonHeaders({ apiKey, headers }: ClientOptions): Record<string, string> {
  const key = typeof apiKey === "function" ? apiKey() : apiKey;
  const own = typeof headers === "function" ? headers() : headers;
  return { ...own, ...(key !== undefined && { "x-api-key": key }) };
}

/** What a call passes on its way out: its deadline, its attempts, then the link that sends it. */
export function clientLinks(options: ClientOptions): TRPCLink<AppRouter>[] {
  const {
    timeoutMs = DEFAULT_TIMEOUT_MS,
    retries = DEFAULT_RETRIES,
    batch = false,
    maxCalls = DEFAULT_MAX_CALLS,
  } = options;
  const url = `${options.url.replace(/\/+$/, "")}/trpc`;
  const send: typeof fetch = (input, init) => (options.fetch ?? fetch)(input, init);
  const refusing: typeof fetch = (input, init) => orRefusal(send(input, init));
  const single = httpLink<AppRouter>({
    url,
    fetch: refusing,
    headers({ op }) {
      const left = remaining(op);
      // So that the server does not run what nobody waits for any more.
      const deadline = Number.isFinite(left) && {
        "x-request-timeout-ms": String(Math.max(0, Math.ceil(left))),
      };
      return { ...commonHeaders(options), ...deadline };
    },
  });
  const batchOptions = {
    url,
    fetch: refusing,
    headers: () => commonHeaders(options),
    // The calls of one moment go out in as many requests as the server's limit asks for.
    maxItems: maxCalls,
  };
  const inParts = httpBatchStreamLink<AppRouter>(batchOptions);
  const events = httpSubscriptionLink<AppRouter, typeof EventSource>({
    url,
    // The browser's own sends no headers, and Node has none.
    EventSource,
    eventSourceOptions: () => ({
      fetch: (input, init) =>
        send(input, { ...init, headers: { ...init.headers, ...commonHeaders(options) } }),
    }),
  });
  return [
    deadlineLink(timeoutMs),
    retryLink(retries),
    splitLink({
      condition: (op) => op.type === "subscription",
      true: events,
      false: splitLink({
        condition: answersInParts,
        true: inParts,
        false: batch ? httpBatchLink<AppRouter>(batchOptions) : single,
      }),
    }),
  ];
}
