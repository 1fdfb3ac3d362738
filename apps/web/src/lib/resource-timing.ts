/** When a request left and its response came, in milliseconds on the page's clock. */
export interface RequestTiming {
  /** The page asked for it. */
  readonly start: number;
  readonly sent: number;
  readonly firstByte: number;
  readonly lastByte: number;
}

interface Waiting {
  readonly url: string;
  readonly since: number;
  readonly found: (timing: RequestTiming) => void;
}

/** Most requests that are remembered: one is looked up as soon as its response is here. */
const REMEMBERED = 40;

/** An entry is a little coarser than `performance.now()`. */
const CLOCK_MS = 0.5;

/** How long an entry may take to appear after its response. */
const PATIENCE_MS = 1000;

let observer: PerformanceObserver | undefined;
const entries: PerformanceResourceTiming[] = [];
const waiting = new Set<Waiting>();

function isOf({ name, startTime }: PerformanceResourceTiming, { url, since }: Waiting): boolean {
  return name === url && startTime >= since - CLOCK_MS;
}

function toTiming(entry: PerformanceResourceTiming): RequestTiming {
  return {
    start: entry.startTime,
    sent: entry.requestStart,
    firstByte: entry.responseStart,
    lastByte: entry.responseEnd,
  };
}

/**
 * Records the requests of this page from now on. An observer sees every one; the page's list of entries ends at 250.
 */
export function recordRequests(): void {
  if (observer !== undefined || typeof PerformanceObserver === "undefined") return;
  observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!(entry instanceof PerformanceResourceTiming)) continue;
      entries.push(entry);
      for (const each of waiting) if (isOf(entry, each)) each.found(toTiming(entry));
    }
    entries.splice(0, entries.length - REMEMBERED);
  });
  observer.observe({ type: "resource" });
}

/** The first request to an address since a moment, as the browser timed it; `null` where it gives no account. */
export async function requestTiming(url: string, since: number): Promise<RequestTiming | null> {
  const known = entries.find((entry) => isOf(entry, { url, since, found: () => {} }));
  if (known !== undefined) return toTiming(known);
  return await new Promise((resolve) => {
    const each: Waiting = { url, since, found: (timing) => end(timing) };
    const timer = setTimeout(() => end(null), PATIENCE_MS);
    const end = (timing: RequestTiming | null) => {
      waiting.delete(each);
      clearTimeout(timer);
      resolve(timing);
    };
    waiting.add(each);
  });
}
