import { webSettings } from "../settings.ts";

/**
 * A value that every route of this process shares: Next gives each route its own copy of a module.
 */
export function processWide<T>(name: string, create: () => T): T {
  const key = Symbol.for(`sepal.${name}`);
  const known: unknown = Reflect.get(globalThis, key);
  if (known !== undefined) return known as T;
  const value = create();
  Reflect.set(globalThis, key, value);
  return value;
}

/** One scrape of the API's metrics. */
export interface MetricsSnapshot {
  /** Prometheus text. */
  readonly text: string;
  /** When it was taken, in milliseconds since the epoch. */
  readonly takenAt: number;
}

/** Timers come a little early or late: a scrape a second must not miss every other one. */
const LIFETIME_MS = 990;

interface Latest {
  startedAt: number;
  snapshot: Promise<MetricsSnapshot> | undefined;
}

const latest = processWide<Latest>("metrics-snapshot", () => ({
  startedAt: 0,
  snapshot: undefined,
}));

async function scrape(): Promise<MetricsSnapshot> {
  const response = await fetch(`${webSettings().API_URL}/metrics`, {
    cache: "no-store",
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) throw new TypeError(`the metrics request returned ${response.status}`);
  return { text: await response.text(), takenAt: Date.now() };
}

/** The API's metrics, scraped at most once a second however many ask; rejects when they cannot be had. */
export function metricsSnapshot(): Promise<MetricsSnapshot> {
  const now = performance.now();
  if (latest.snapshot === undefined || now - latest.startedAt >= LIFETIME_MS) {
    latest.startedAt = now;
    latest.snapshot = scrape();
  }
  return latest.snapshot;
}
