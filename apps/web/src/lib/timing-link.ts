import type { AppRouter } from "@sepal/api/router";
import type { TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { recordRequests, type RequestTiming, requestTiming } from "./resource-timing.ts";
import { parseServerTiming, type ServerTiming } from "./server-timing.ts";

/** How long one call took, in milliseconds. */
export interface CallTiming {
  /** From the call to its result in the page's code. */
  readonly total: number;
  /** What the server says of itself in `Server-Timing`; `null` when it says nothing. */
  readonly server: ServerTiming | null;
  /** The browser's account of the request, which comes a little later. */
  readonly request: Promise<RequestTiming | null>;
}

/** Where a caller finds the timing of its call: pass one as the call's `context`. */
export interface TimingContext extends Record<string, unknown> {
  timing?: CallTiming;
}

/** Puts the timing of a successful call into its `context.timing`. */
export const timingLink: TRPCLink<AppRouter> = () => {
  recordRequests();
  return ({ op, next }) =>
    observable((observer) => {
      const started = performance.now();
      return next(op).subscribe({
        ...observer,
        next(value) {
          const response = value.context?.["response"];
          if (response instanceof Response) {
            const timing: CallTiming = {
              total: performance.now() - started,
              server: parseServerTiming(response.headers.get("server-timing")),
              request: requestTiming(response.url, started),
            };
            op.context["timing"] = timing;
          }
          observer.next(value);
        },
      });
    });
};
