import type { Quantile } from "@sepal/schema/prometheus-text";
import type { ReportCell } from "@/lib/load-report.ts";

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A count with separators, such as `100,000`. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** A count with its noun, such as `1 row` and `2 rows`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** A span of seconds as people say it, such as `8 s` and `2 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A size in bytes, such as `2.3 MB`. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 1e6 ? `${(size / 1000).toFixed(0)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

/** A label within a sentence: `Petal length` becomes `petal length`, `OD280` stays. */
export function inSentence(label: string): string {
  return /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

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

/** A number with thin groups of thousands and a fixed number of digits. */
function formatNumber(value: number, digits: number): string {
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A cell of a report's table as text; repeats show their median. */
export function formatCell(cell: NonNullable<ReportCell>, digits: number | null): string {
  if (typeof cell === "string") return cell;
  const value = typeof cell === "number" ? cell : cell.median;
  return formatNumber(value, digits ?? (Number.isInteger(value) ? 0 : 2));
}

/** The number at a tick, with as few digits as it has. */
export function formatTick(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 6 });
}

/** A limit as a report writes it, with the signs of mathematics. */
export function formatLimit(text: string): string {
  return text.replace("<=", "≤").replace(">=", "≥");
}

/** About three significant digits, for the end of a bar. */
export function formatShort(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return formatNumber(value, Math.min(digits, 3));
}
