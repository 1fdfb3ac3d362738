import {
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  type Operation,
  splitLink,
  TRPCClientError,
  type TRPCLink,
} from "@trpc/client";
import { EventSource } from "eventsource";
import { observable, type Unsubscribable } from "@trpc/server/observable";
import type { AppRouter } from "@sepal/api/router";
import { DEFAULT_MAX_CALLS } from "@sepal/schema/limits";
import { toFailure } from "./failure.ts";
import { localLink } from "./local-link.ts";
import { commonHeaders, type ClientOptions } from "./options.ts";

/** What a refused request says: the error of a call, or of the first one of a batch. */
async function errorOf(response: Response): Promise<object> {
  try {
    const body: unknown = await response.json();
    const { error } = Object(Array.isArray(body) ? body[0] : body);
    if (typeof error?.code === "number" && typeof error.message === "string") return { error };
  } catch {
    // A gateway's page or a truncated response: the status identifies it.
  }
  return new Error(`${response.status} ${response.statusText}`);
}

/**
 * Returns a valid response, and throws the error of a request that was rejected as a whole, which the link
 * of streams would take for a broken stream.
 */
async function orRefusal(pending: Promise<Response>): Promise<Response> {
  const response = await pending;
  if (response.ok) return response;
  throw TRPCClientError.from(await errorOf(response), { meta: { response } });
}

const DEADLINE = "sepalDeadline";

/** Milliseconds left for a call; `Infinity` when it has no deadline. */
function remaining({ context }: Operation): number {
  const deadline = context[DEADLINE];
  return typeof deadline === "number" ? deadline - performance.now() : Number.POSITIVE_INFINITY;
}

/** Fails a call whose response has not begun within `timeoutMs`, and aborts its request. */
function deadlineLink(timeoutMs: number): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) => {
      if (timeoutMs === 0 || op.type === "subscription") return next(op);
      return observable((observer) => {
        const context = { ...op.context, [DEADLINE]: performance.now() + timeoutMs };
        const running = next({ ...op, context }).subscribe(observer);
        const timer = setTimeout(() => {
          running.unsubscribe();
          const cause = new DOMException(`no response within ${timeoutMs} ms`, "TimeoutError");
          observer.error(TRPCClientError.from(cause));
        }, timeoutMs);
        return () => {
          clearTimeout(timer);
          running.unsubscribe();
        };
      });
    };
}

/** First wait where the server names none; it doubles with every attempt. */
const FIRST_WAIT_MS = 100;

/** Milliseconds until the next attempt: never before the server asked, and not all clients at once. */
function waitBefore(attempt: number, retryAfter: number | null): number {
  const wait = retryAfter === null ? FIRST_WAIT_MS * 2 ** (attempt - 1) : retryAfter * 1000;
  return wait * (1 + Math.random() / 4);
}

/** Sends a call again that the server refused without running it, while its deadline allows. */
function retryLink(retries: number): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) => {
      if (retries === 0 || op.type === "subscription") return next(op);
      return observable((observer) => {
        let attempt = 0;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let running: Unsubscribable | undefined;
        const giveUp = () => {
          clearTimeout(timer);
          observer.error(TRPCClientError.from(new DOMException("aborted", "AbortError")));
        };
        const send = () => {
          attempt += 1;
          op.signal?.removeEventListener("abort", giveUp);
          running = next(op).subscribe({
            next: (value) => observer.next(value),
            complete: () => observer.complete(),
            error(error) {
              const { retryable, retryAfter } = toFailure(error);
              const wait = waitBefore(attempt, retryAfter);
              if (!retryable || attempt > retries || wait >= remaining(op)) {
                observer.error(error);
                return;
              }
              op.signal?.addEventListener("abort", giveUp, { once: true });
              timer = setTimeout(send, wait);
            },
          });
        };
        send();
        return () => {
          clearTimeout(timer);
          op.signal?.removeEventListener("abort", giveUp);
          running?.unsubscribe();
        };
      });
    };
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;

/** Whether a procedure streams its response. */
function streamsResponse({ path }: Operation): boolean {
  return path === "predictStream" || path.endsWith(".predictStream");
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
      // So that the server does not run a call that has timed out here.
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
    ...(options.local === "when-unavailable" ? [localLink(options)] : []),
    deadlineLink(timeoutMs),
    retryLink(retries),
    splitLink({
      condition: (op) => op.type === "subscription",
      true: events,
      false: splitLink({
        condition: streamsResponse,
        true: inParts,
        false: batch ? httpBatchLink<AppRouter>(batchOptions) : single,
      }),
    }),
  ];
}
