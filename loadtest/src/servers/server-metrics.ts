import { parseMetrics, sumOf, type MetricSample } from "../statistics/prometheus-text.ts";

/** Reads `/metrics` of a server. */
export async function scrapeMetrics(origin: string): Promise<MetricSample[]> {
  const response = await fetch(`${origin}/metrics`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  return parseMetrics(await response.text());
}

/** Longest delay of the event loop in the server's last full window of 10 s, in milliseconds. */
export function longestLoopDelay(samples: readonly MetricSample[]): number {
  return sumOf(samples, "nodejs_eventloop_delay_seconds", { level: "1" }) * 1000;
}

/** Requests that a route has answered since the server started, of one status such as `2xx` or of any. */
export function requestsOf(
  samples: readonly MetricSample[],
  handler: string,
  status?: string,
): number {
  const labels = { handler, ...(status !== undefined && { status }) };
  return sumOf(samples, "http_requests_total", labels);
}
