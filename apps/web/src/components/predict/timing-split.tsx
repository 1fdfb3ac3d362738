"use client";

import { clsx } from "clsx";
import { useEffect, useState } from "react";
import type { RequestTiming } from "@/lib/resource-timing.ts";
import { milliseconds, serverMs, type TimePart, timeParts } from "@/lib/time-split.ts";
import type { CallTiming } from "@/lib/timing-link.ts";

/** The colour of each part of a call. */
export const PART_COLOURS: Record<TimePart["name"], string> = {
  browser: "bg-edge",
  "browser and proxy": "bg-edge",
  proxy: "bg-class-4",
  queue: "bg-amber",
  inference: "bg-leaf",
  "rest of the server": "bg-iris",
};

/** The browser's account of a call, once it is there; `undefined` until then. */
function useRequestTiming(timing: CallTiming | null): RequestTiming | null | undefined {
  const [known, setKnown] = useState<{ request: RequestTiming | null } | null>(null);
  useEffect(() => {
    let wanted = true;
    const wait = async (call: CallTiming) => {
      const request = await call.request;
      if (wanted) setKnown({ request });
    };
    if (timing !== null) void wait(timing);
    return () => {
      wanted = false;
    };
  }, [timing]);
  // Until the latest call is accounted for, the one before stays: nothing jumps.
  return known === null ? undefined : known.request;
}

/** Before a call of this page: the same lines without figures, so that nothing moves when they come. */
const NOT_TIMED = (["browser", "proxy", "queue", "inference", "rest of the server"] as const).map(
  (name) => ({ name, ms: null }),
);

interface TimingSplitProps {
  /** Of the latest call of this page; `null` where the prediction came with the page. */
  readonly timing: CallTiming | null;
  /** The server's own account of its work, in milliseconds. */
  readonly processingMs: number;
}

/** How long the server took, and where the rest of the time went. */
export function TimingSplit({ timing, processingMs }: TimingSplitProps) {
  const request = useRequestTiming(timing);
  const server = timing?.server ?? null;
  const parts =
    timing === null || request === undefined
      ? null
      : timeParts({ total: timing.total, server, request, processingMs });
  return (
    <div className="min-w-0 text-sm">
      <p className="flex flex-wrap items-baseline gap-x-1.5">
        <span className="figures font-display text-2xl leading-none font-semibold">
          {milliseconds(serverMs({ server, processingMs }))} ms
        </span>
        <span className="text-muted">in the server</span>
      </p>
      <div
        aria-hidden="true"
        className="mt-2 flex h-1.5 gap-px overflow-hidden rounded-xs bg-sunken"
      >
        {parts?.map(({ name, ms }) => (
          <span
            key={name}
            className={clsx("min-w-0.5", PART_COLOURS[name])}
            style={{ flexGrow: ms }}
          />
        ))}
      </div>
      <ul aria-label="Parts of the response time" className="mt-1.5 text-[0.8125rem] leading-5">
        {(parts ?? NOT_TIMED).map(({ name, ms }) => (
          <li key={name} className="flex items-center gap-1.5 text-muted">
            <span aria-hidden="true" className={clsx("size-2 rounded-xs", PART_COLOURS[name])} />
            {name}
            <span className="figures ml-auto text-ink">
              {ms === null ? "–" : `${milliseconds(ms)} ms`}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
