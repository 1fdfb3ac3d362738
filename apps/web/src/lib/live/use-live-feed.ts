"use client";

import { useEffect, useReducer } from "react";
import type { LiveFeed, LiveTick } from "../metrics/live-tick.ts";
import { PATH_PREFIX } from "../path-prefix.ts";

/** What the page knows of the server's metrics. */
export interface Live {
  /** Oldest first. */
  readonly ticks: readonly LiveTick[];
  readonly bounds: readonly number[];
  /** The playground's clock at the last response, in milliseconds since the epoch. */
  readonly now: number;
  /** When the last good scrape was taken, in milliseconds since the epoch. */
  readonly scrapedAt: number | null;
  /** `down`: the API does not respond; `offline`: the playground's own server does not. */
  readonly state: "starting" | "live" | "down" | "offline";
}

interface Memory extends Live {
  readonly id: string;
  readonly recorded: number;
}

const PERIOD_MS = 1000;
const PATIENCE_MS = 4000;
const KEPT = 15 * 60;
const NOTHING: Memory = {
  id: "",
  recorded: 0,
  ticks: [],
  bounds: [],
  now: 0,
  scrapedAt: null,
  state: "starting",
};

/** Merges the known state with a response, or with `null` for none. */
function remember(memory: Memory, feed: LiveFeed | null): Memory {
  if (feed === null) return { ...memory, state: "offline" };
  const { id, recorded, bounds, now, scrapedAt, up } = feed;
  const missed = id !== memory.id || feed.ticks.length < recorded - memory.recorded;
  const ticks = missed ? feed.ticks : [...memory.ticks, ...feed.ticks].slice(-KEPT);
  const started = ticks.length > 0 || memory.state !== "starting";
  const state = up ? (started ? "live" : "starting") : "down";
  return { id, recorded, bounds, now, scrapedAt, ticks, state };
}

async function ask({ id, recorded }: Memory, signal: AbortSignal): Promise<LiveFeed | null> {
  try {
    const response = await fetch(`${PATH_PREFIX}/metrics/ticks?id=${id}&since=${recorded}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Follows the server's metrics once a second while the tab is seen. */
export function useLiveFeed(): Live {
  const [memory, answered] = useReducer(remember, NOTHING);
  useEffect(() => {
    let own = NOTHING;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop = new AbortController();
    const poll = async (): Promise<void> => {
      const { signal } = stop;
      const feed = await ask(own, signal);
      if (signal.aborted) return;
      own = remember(own, feed);
      answered(feed);
      timer = setTimeout(() => void poll(), PERIOD_MS);
    };
    const follow = () => {
      stop.abort();
      clearTimeout(timer);
      stop = new AbortController();
      if (document.visibilityState === "visible") void poll();
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      clearTimeout(timer);
      stop.abort();
    };
  }, []);
  return memory;
}
