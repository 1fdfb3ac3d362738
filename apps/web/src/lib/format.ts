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
