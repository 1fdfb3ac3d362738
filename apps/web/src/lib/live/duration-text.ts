import type { Quantile } from "@sepal/schema/prometheus-text";

/** A duration in seconds as people read it, such as `50 µs`, `2.1 ms` and `1.5 s`. */
export function durationText(seconds: number): string {
  if (seconds === 0) return "0";
  const [value, unit] =
    seconds >= 1
      ? [seconds, "s"]
      : seconds >= 0.001
        ? [seconds * 1e3, "ms"]
        : [seconds * 1e6, "µs"];
  return `${Number(value.toPrecision(value >= 100 ? 3 : 2))} ${unit}`;
}

/** A quantile as people read it; beyond the last bound it is only known to be at least that. */
export function quantileText(found: Quantile | null): string {
  if (found === null) return "–";
  return found.kind === "within"
    ? durationText(found.value)
    : `at least ${durationText(found.lower)}`;
}

/** The bucket that holds a quantile. */
export function bucketText(found: Quantile | null): string {
  if (found === null) return "no requests";
  if (found.lower === 0 && found.kind === "within") return `up to ${durationText(found.upper)}`;
  return found.kind === "within"
    ? `between ${durationText(found.lower)} and ${durationText(found.upper)}`
    : `beyond the last bucket, ${durationText(found.lower)}`;
}
