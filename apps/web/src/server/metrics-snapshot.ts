import { webSettings } from "../settings.ts";

/** One scrape of the API's metrics. */
export interface MetricsSnapshot {
  /** Prometheus text. */
  readonly text: string;
  /** When it was taken, in milliseconds since the epoch. */
  readonly takenAt: number;
}

const LIFETIME_MS = 1000;
let latest: { readonly startedAt: number; readonly snapshot: Promise<MetricsSnapshot> } | undefined;

async function scrape(): Promise<MetricsSnapshot> {
  const response = await fetch(`${webSettings().API_URL}/metrics`, {
    cache: "no-store",
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) throw new TypeError(`the metrics answered ${response.status}`);
  return { text: await response.text(), takenAt: Date.now() };
}

/** The API's metrics, scraped at most once a second however many ask; rejects when they cannot be had. */
export function metricsSnapshot(): Promise<MetricsSnapshot> {
  const now = performance.now();
  if (latest === undefined || now - latest.startedAt >= LIFETIME_MS) {
    latest = { startedAt: now, snapshot: scrape() };
  }
  return latest.snapshot;
}
