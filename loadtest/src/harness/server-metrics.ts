import {
  parsePrometheus,
  quantile,
  type Quantile,
  type Sample,
  sumBuckets,
} from "@sepal/schema/prometheus-text";

type Labels = Readonly<Record<string, string>>;

/** Reads `/metrics` of a server. */
export async function scrapeMetrics(origin: string): Promise<readonly Sample[]> {
  const response = await fetch(`${origin}/metrics`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`/metrics returned ${response.status}`);
  return parsePrometheus(await response.text()).samples;
}

function seriesOf(samples: readonly Sample[], name: string, labels: Labels): Sample[] {
  const wanted = Object.entries(labels);
  return samples.filter(
    (sample) => sample.name === name && wanted.every(([key, text]) => sample.labels[key] === text),
  );
}

/** Sum over all series of a name that have these labels. */
export function sumOf(samples: readonly Sample[], name: string, labels: Labels = {}): number {
  return seriesOf(samples, name, labels).reduce((sum, { value }) => sum + value, 0);
}

/** A quantile of what a histogram counted between two scrapes, in its unit; null when it counted nothing. */
export function quantileBetween(
  before: readonly Sample[],
  after: readonly Sample[],
  histogram: { readonly name: string; readonly labels: Labels },
  share: number,
): Quantile | null {
  const read = (samples: readonly Sample[]) =>
    sumBuckets(seriesOf(samples, `${histogram.name}_bucket`, histogram.labels));
  const [earlier, { bounds, counts }] = [read(before).counts, read(after)];
  const gained = counts.map((count, bucket) => count - (earlier[bucket] ?? 0));
  return quantile(share, { bounds, counts: gained });
}

/** Delay of the event loop in the server's last full window of 10 s, in milliseconds; level 1 is the longest. */
export function loopDelay(samples: readonly Sample[], level: "0.5" | "0.99" | "1"): number {
  return sumOf(samples, "nodejs_eventloop_delay_seconds", { level }) * 1000;
}

/** Requests that a route has responded to since the server started, of one status such as `2xx` or of any. */
export function requestsOf(samples: readonly Sample[], handler: string, status?: string): number {
  const labels = { handler, ...(status !== undefined && { status }) };
  return sumOf(samples, "http_requests_total", labels);
}
