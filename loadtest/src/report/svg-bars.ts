import { formatShort } from "./format-cell.ts";
import type { BarChart } from "./report.ts";
import { svgText } from "./svg-text.ts";

const LABEL_WIDTH = 230;
const BAR_WIDTH = 400;
const ROW_HEIGHT = 26;
const TITLE_HEIGHT = 50;

/** A drawn piece and the height it takes. */
export interface Drawing {
  readonly svg: string;
  readonly height: number;
}

/** Horizontal bars from zero on a linear scale, with whiskers from smallest to largest. */
export function drawBars({ title, unit, bars }: BarChart, top: number): Drawing {
  const largest = Math.max(1e-9, ...bars.map(({ value }) => value?.max ?? 0));
  const x = (value: number) => LABEL_WIDTH + (value / largest) * BAR_WIDTH;
  const parts = [
    svgText(16, top + 18, title, { style: "title" }),
    svgText(16, top + 36, unit, { style: "quiet" }),
  ];
  for (const [index, { label, role, value, note }] of bars.entries()) {
    const y = top + TITLE_HEIGHT + index * ROW_HEIGHT;
    const baseline = y + 16;
    const style = role === "subject" ? "strong" : undefined;
    parts.push(
      svgText(LABEL_WIDTH - 10, baseline, label, { anchor: "end", ...(style && { style }) }),
    );
    if (value === null) {
      parts.push(svgText(LABEL_WIDTH + 4, baseline, note, { style: "quiet" }));
      continue;
    }
    const width = Math.max(1, x(value.median) - LABEL_WIDTH);
    parts.push(
      `<rect class="bar ${role}" x="${LABEL_WIDTH}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW_HEIGHT - 8}" rx="2"/>`,
      `<line class="whisker" x1="${x(value.min).toFixed(1)}" x2="${x(value.max).toFixed(1)}" y1="${y + 12}" y2="${y + 12}"/>`,
      svgText(x(value.max) + 8, baseline, formatShort(value.median), { style: "value" }),
      svgText(LABEL_WIDTH + BAR_WIDTH + 200, baseline, note, { anchor: "end", style: "quiet" }),
    );
  }
  return { svg: parts.join("\n"), height: TITLE_HEIGHT + bars.length * ROW_HEIGHT + 24 };
}
