import type { AppRouter } from "@sepal/api/router";
import type { TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { parseServerTiming, type ServerTiming } from "./server-timing.ts";

/** How long one call took, in milliseconds. */
export interface CallTiming {
  /** From the call to its answer, as this page saw it. */
  readonly total: number;
  /** What the server said of itself in `Server-Timing`; `null` when it said nothing. */
  readonly server: ServerTiming | null;
}

/** Where a caller finds the timing of its call: pass one as the call's `context`. */
export interface TimingContext extends Record<string, unknown> {
  timing?: CallTiming;
}

/** Puts the duration of a successful call into its `context.timing`. */
export const timingLink: TRPCLink<AppRouter> = () => {
  return ({ op, next }) =>
    observable((observer) => {
      const started = performance.now();
      return next(op).subscribe({
        ...observer,
        next(value) {
          const response = value.context?.["response"];
          const header =
            response instanceof Response ? response.headers.get("server-timing") : null;
          const timing: CallTiming = {
            total: performance.now() - started,
            server: header === null ? null : parseServerTiming(header),
          };
          op.context["timing"] = timing;
          observer.next(value);
        },
      });
    });
};
