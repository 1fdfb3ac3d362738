import type { ReportCell, ReportTable } from "./report.ts";

type Column = Pick<ReportTable["columns"][number], "digits" | "spread">;

/** A number with a thousands separator and a fixed count of digits after the point. */
export function formatNumber(value: number, digits = 0): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A number with about three significant digits, no more than three after the point. */
export function formatShort(value: number): string {
  const digits = value === 0 ? 0 : 2 - Math.floor(Math.log10(Math.abs(value)));
  return formatNumber(value, Math.min(Math.max(digits, 0), 3));
}

/** A rate of rows in thousands a second. */
export function formatRowRate(rowsPerSecond: number): string {
  return `${formatNumber(rowsPerSecond / 1000)} k rows/s`;
}

/** A share such as 0.123 in percent. */
export function formatPercent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** A growth in percent with its sign. */
export function formatGrowth(percent: number): string {
  return `${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;
}

/** Text of a cell; a dash where nothing was measured. */
export function formatCell(cell: ReportCell | undefined, { digits, spread }: Column): string {
  if (cell === undefined || cell === null) return "–";
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return formatNumber(cell, digits ?? 0);
  const [median, min, max] = [cell.median, cell.min, cell.max].map((value) =>
    formatNumber(value, digits ?? 0),
  );
  return spread ? `${median} (${min}–${max})` : `${median}`;
}
