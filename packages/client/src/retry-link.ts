import type { AppRouter } from "@sepal/api/router";
import { TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable, type Unsubscribable } from "@trpc/server/observable";
import { remaining } from "./deadline-link.ts";
import { toFailure } from "./failure.ts";

/** First wait where the server names none; it doubles with every attempt. */
const FIRST_WAIT_MS = 100;

/** Milliseconds until the next attempt: never before the server asked, and not all clients at once. */
function waitBefore(attempt: number, retryAfter: number | null): number {
  const wait = retryAfter === null ? FIRST_WAIT_MS * 2 ** (attempt - 1) : retryAfter * 1000;
  return wait * (1 + Math.random() / 4);
}

/** Sends a call again that the server refused without running it, while its deadline allows. */
export function retryLink(retries: number): TRPCLink<AppRouter> {
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
