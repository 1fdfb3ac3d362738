const PREDICT = new Set(["/predict", "/predict/:model_name", "/trpc/iris.predict"]);

function bucketCounts(text: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const line of text.split("\n")) {
    const [, le = "", handler = "", value = ""] =
      /^http_request_duration_seconds_bucket\{le="([^"]+)",handler="([^"]+)",method="POST"\} (\d+)$/.exec(
        line,
      ) ?? [];
    if (!PREDICT.has(handler)) continue;
    const bound = le === "+Inf" ? Infinity : Number(le);
    counts.set(bound, (counts.get(bound) ?? 0) + Number(value));
  }
  return counts;
}

/**
 * Percentiles, in seconds, of the single predictions between two scrapes, by brute force: every
 * observation is laid out evenly in its bucket, a hundredfold so that all ranks are whole.
 */
export function referencePercentiles(before: string, after: string): (percent: number) => number {
  const [from, to] = [bucketCounts(before), bucketCounts(after)];
  const laidOut: number[] = [];
  let [lower, below] = [0, 0];
  for (const bound of [...to.keys()].toSorted((a, b) => a - b)) {
    const upTo = (to.get(bound) ?? 0) - (from.get(bound) ?? 0);
    const copies = (upTo - below) * 100;
    for (let k = 1; k <= copies; k += 1) laidOut.push(lower + ((bound - lower) * k) / copies);
    [lower, below] = [bound, upTo];
  }
  return (percent) => laidOut[(percent * laidOut.length) / 100 - 1] ?? NaN;
}
