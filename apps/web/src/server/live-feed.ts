import {
  latencyBounds,
  type LiveFeed,
  type LiveTick,
  type Reading,
  readScrape,
  tickBetween,
} from "../lib/metrics/live-tick.ts";
import { metricsSnapshot, processWide } from "./metrics-snapshot.ts";

const PERIOD_MS = 1000;
/** Scraping ends after this long without a request for ticks. */
const UNWATCHED_MS = 5000;
/** Two scrapes further apart say nothing of what happened when: a gap. */
const LONGEST_TICK_S = 3;
const KEPT = 15 * 60;

interface Recording {
  /** Names this recording: another process has other numbers. */
  readonly id: string;
  ticks: LiveTick[];
  /** Ticks ever recorded; the last of them is the last of `ticks`. */
  recorded: number;
  bounds: readonly number[];
  previous: Reading | undefined;
  up: boolean;
  askedAt: number;
  /** The scrape under way, or the pause before the next; absent while no page asks. */
  running: Promise<void> | undefined;
}

const recording = processWide<Recording>("live-feed", () => ({
  id: crypto.randomUUID(),
  ticks: [],
  recorded: 0,
  bounds: [],
  previous: undefined,
  up: true,
  askedAt: 0,
  running: undefined,
}));

async function scrape(): Promise<void> {
  try {
    const { text, takenAt } = await metricsSnapshot();
    const { previous } = recording;
    // The scrape of this second that another route took.
    if (previous?.at === takenAt) return;
    const reading = readScrape(text, takenAt);
    recording.previous = reading;
    recording.up = true;
    const bounds = latencyBounds(reading);
    if (bounds.length > 0) recording.bounds = bounds;
    if (previous === undefined || (takenAt - previous.at) / 1000 > LONGEST_TICK_S) return;
    recording.ticks.push(tickBetween(previous, reading));
    recording.recorded += 1;
    if (recording.ticks.length > KEPT) recording.ticks.shift();
  } catch {
    recording.up = false;
  }
}

async function run(): Promise<void> {
  while (Date.now() - recording.askedAt < UNWATCHED_MS) {
    const pause = new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
    await scrape();
    await pause;
  }
  recording.running = undefined;
}

/**
 * What happened since tick number `since` of recording `id`, or all that is kept when the caller
 * has another; scrapes go on, once a second, as long as a page asks.
 */
export function liveFeed(id: string | null, since: number): LiveFeed {
  recording.askedAt = Date.now();
  recording.running ??= run();
  const { ticks, recorded } = recording;
  const missing = id === recording.id ? Math.max(0, recorded - since) : ticks.length;
  return {
    id: recording.id,
    recorded,
    bounds: recording.bounds,
    ticks: missing === 0 ? [] : ticks.slice(-missing),
    up: recording.up,
    scrapedAt: recording.previous?.at ?? null,
    now: Date.now(),
  };
}
