import type { LiveTick } from "./live-tick.ts";

/** What the playground's server knows of the API's metrics. */
export interface LiveFeed {
  /** Names the recording; another id means that all earlier ticks are void. */
  readonly id: string;
  /** How many ticks were ever recorded: what to ask `since` next. */
  readonly recorded: number;
  /** Finite upper bounds of the duration buckets, in seconds. */
  readonly bounds: readonly number[];
  /** Oldest first. */
  readonly ticks: readonly LiveTick[];
  /** Whether the last scrape succeeded. */
  readonly up: boolean;
  /** When the last good scrape was taken, in milliseconds since the epoch. */
  readonly scrapedAt: number | null;
  /** The server's clock, in milliseconds since the epoch. */
  readonly now: number;
}
