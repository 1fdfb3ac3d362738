import type { AppRouter } from "@sepal/api/router";
import { TRPCClientError, type Operation, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";

const DEADLINE = "sepalDeadline";

/** Milliseconds left for a call; `Infinity` when it has no deadline. */
export function remaining({ context }: Operation): number {
  const deadline = context[DEADLINE];
  return typeof deadline === "number" ? deadline - performance.now() : Number.POSITIVE_INFINITY;
}

/** Fails a call whose answer has not begun within `timeoutMs`, and gives its request up. */
export function deadlineLink(timeoutMs: number): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) => {
      if (timeoutMs === 0 || op.type === "subscription") return next(op);
      return observable((observer) => {
        const context = { ...op.context, [DEADLINE]: performance.now() + timeoutMs };
        const running = next({ ...op, context }).subscribe(observer);
        const timer = setTimeout(() => {
          running.unsubscribe();
          const cause = new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError");
          observer.error(TRPCClientError.from(cause));
        }, timeoutMs);
        return () => {
          clearTimeout(timer);
          running.unsubscribe();
        };
      });
    };
}
