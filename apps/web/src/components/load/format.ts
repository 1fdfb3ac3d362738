import type { ReportCell } from "@/lib/load-report.ts";

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
