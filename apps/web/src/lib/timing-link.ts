import type { TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { AppRouter } from "@sepal/api/router";

/** The parts of a `Server-Timing` header that Sepal sends, in milliseconds; absent parts are `null`. */
interface ServerTiming {
  readonly queue: number | null;
  readonly compute: number | null;
  readonly total: number | null;
}

/** Reads a `Server-Timing` header; unknown metrics and those without a duration are left out. */
export function parseServerTiming(header: string): ServerTiming {
  const durations = new Map<string, number>();
  for (const metric of header.split(",")) {
    const [name = "", ...parameters] = metric.split(";").map((part) => part.trim());
    for (const parameter of parameters) {
      const [key, value = ""] = parameter.split("=").map((part) => part.trim());
      const duration = Number(value.replaceAll('"', ""));
      if (key === "dur" && value !== "" && Number.isFinite(duration)) durations.set(name, duration);
    }
  }
  const part = (name: string) => durations.get(name) ?? null;
  return { queue: part("queue"), compute: part("compute"), total: part("total") };
}

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
