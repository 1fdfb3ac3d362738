"use client";

import { WarningIcon } from "@/components/icons.tsx";
import { cn } from "@/lib/cn.ts";
import type { Live } from "@/lib/live/use-live-feed.ts";
import { timeOfDay } from "./chart-spec.ts";

/** Figures older than this are called old. */
const STALE_S = 3;

function noteOf({ state, scrapedAt, now }: Live): { text: string; stale: boolean } {
  const last = scrapedAt === null ? "" : ` The last figures are of ${timeOfDay(scrapedAt / 1000)}.`;
  if (state === "down") return { text: `The server does not answer.${last}`, stale: true };
  if (state === "offline") {
    return { text: `The playground's own server does not answer.${last}`, stale: true };
  }
  if (state === "starting" || scrapedAt === null) {
    return { text: "Waiting for the first two scrapes.", stale: false };
  }
  const age = Math.round((now - scrapedAt) / 1000);
  if (age > STALE_S) return { text: `Stale: the figures are ${age} s old.`, stale: true };
  return { text: "Live, a point a second.", stale: false };
}

interface FeedNoteProps {
  readonly live: Live;
  /** When the view was paused, in milliseconds since the epoch; `null` while it is not. */
  readonly pausedAt: number | null;
}

/** How fresh the figures are. */
export function FeedNote({ live, pausedAt }: FeedNoteProps) {
  const { text, stale } = noteOf(live);
  return (
    <output className={cn("flex items-center gap-2 text-sm", stale ? "text-amber" : "text-muted")}>
      {stale && <WarningIcon className="size-4.5 shrink-0" />}
      <span>
        {pausedAt !== null && `Paused at ${timeOfDay(pausedAt / 1000)}. `}
        {(pausedAt === null || stale) && text}
      </span>
    </output>
  );
}
