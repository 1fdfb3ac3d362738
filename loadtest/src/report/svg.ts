import { formatShort } from "./format.ts";
import type { BarChart, LineChart, Report } from "./report.ts";

/** Escapes a text for SVG. */
function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

interface TextOptions {
  readonly anchor?: "start" | "middle" | "end";
  readonly style?: "title" | "quiet" | "strong" | "value";
}

/** A line of text at its baseline. */
function svgText(
  x: number,
  y: number,
  text: string,
  { anchor = "start", style }: TextOptions = {},
): string {
  const group = style === undefined ? "" : ` class="${style}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${group}>${escapeXml(text)}</text>`;
}

/** Colours for a light and a dark page; a picture in a page follows the reader's choice. */
const CHART_STYLE = `
  svg { color-scheme: light dark; }
  .page { fill: #ffffff; }
  text { font: 13px system-ui, sans-serif; fill: #1f2430; }
  .title { font-weight: 600; font-size: 16px; }
  .strong { font-weight: 600; }
  .quiet { fill: #5b6472; font-size: 12px; }
  .value { font-variant-numeric: tabular-nums; }
  .grid { stroke: #d9dde3; stroke-width: 1; }
  .whisker { stroke: #1f2430; stroke-width: 1.5; }
  .mark { stroke: #b42318; stroke-width: 1.5; stroke-dasharray: 5 4; }
  .subject { fill: #6d3fc0; stroke: #6d3fc0; }
  .reference { fill: #8b95a3; stroke: #8b95a3; }
  .other { fill: #4a8fb8; stroke: #4a8fb8; }
  .other-1 { fill: #c2701c; stroke: #c2701c; }
  .other-2 { fill: #2e8b57; stroke: #2e8b57; }
  .bar { stroke: none; }
  .line { fill: none; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #14171d; }
    text { fill: #e8eaee; }
    .quiet { fill: #a3abb8; }
    .grid { stroke: #343b47; }
    .whisker { stroke: #e8eaee; }
    .mark { stroke: #f97066; }
    .subject { fill: #a98bf0; stroke: #a98bf0; }
    .reference { fill: #7c8695; stroke: #7c8695; }
    .other { fill: #5fa8d3; stroke: #5fa8d3; }
    .other-1 { fill: #e79a4d; stroke: #e79a4d; }
    .other-2 { fill: #5cc08a; stroke: #5cc08a; }
    .line { fill: none; }
  }
`;

const LABEL_WIDTH = 230;
const BAR_WIDTH = 400;
const ROW_HEIGHT = 26;
const BARS_TITLE_HEIGHT = 50;

/** A drawn piece and the height it takes. */
interface Drawing {
  readonly svg: string;
  readonly height: number;
}

/** Horizontal bars from zero on a linear scale, with whiskers from smallest to largest. */
function drawBars({ title, unit, bars }: BarChart, top: number): Drawing {
  const largest = Math.max(1e-9, ...bars.map(({ value }) => value?.max ?? 0));
  const x = (value: number) => LABEL_WIDTH + (value / largest) * BAR_WIDTH;
  const parts = [
    svgText(16, top + 18, title, { style: "title" }),
    svgText(16, top + 36, unit, { style: "quiet" }),
  ];
  for (const [index, { label, role, value, note }] of bars.entries()) {
    const y = top + BARS_TITLE_HEIGHT + index * ROW_HEIGHT;
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
  return { svg: parts.join("\n"), height: BARS_TITLE_HEIGHT + bars.length * ROW_HEIGHT + 24 };
}

const LEFT = 80;
const PLOT_WIDTH = 700;
const PLOT_HEIGHT = 260;
const LINES_TITLE_HEIGHT = 60;

type Scale = LineChart["x"]["scale"];

/** Round values that span a range: 1, 2 or 5 times a power of ten, or powers of ten. */
export function ticks(low: number, high: number, scale: Scale): number[] {
  if (scale === "log") {
    const first = Math.floor(Math.log10(low));
    const last = Math.max(first + 1, Math.ceil(Math.log10(high)));
    return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  }
  const raw = Math.max(high, 1e-9) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  return Array.from({ length: Math.ceil(high / step - 1e-9) + 1 }, (_, index) => index * step);
}

function position(marks: readonly number[], scale: Scale): (value: number) => number {
  const read = scale === "log" ? (value: number) => Math.log10(Math.max(value, 1e-9)) : Number;
  const low = read(marks[0] ?? 0);
  const high = read(marks.at(-1) ?? 1);
  return (value) => Math.min(1, Math.max(0, (read(value) - low) / (high - low || 1)));
}

/** Lines over a numeric axis, each axis linear or logarithmic, with named horizontal marks. */
function drawLines(chart: LineChart, top: number): Drawing {
  const points = chart.series.flatMap((series) => series.points);
  const xs = points.map(([x]) => x);
  const ys = [...points.map(([, y]) => y), ...chart.marks.map(({ y }) => y)];
  const xTicks = ticks(Math.min(...xs), Math.max(...xs), chart.x.scale);
  const yTicks = ticks(Math.min(...ys), Math.max(...ys), chart.y.scale);
  const plotTop = top + LINES_TITLE_HEIGHT + 20 * chart.series.length;
  const bottom = plotTop + PLOT_HEIGHT;
  const along = position(xTicks, chart.x.scale);
  const up = position(yTicks, chart.y.scale);
  const x = (value: number) => LEFT + along(value) * PLOT_WIDTH;
  const y = (value: number) => bottom - up(value) * PLOT_HEIGHT;
  const line = (style: string, at: number) =>
    `<line class="${style}" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/>`;
  const parts = [svgText(16, top + 18, chart.title, { style: "title" })];
  for (const tick of yTicks) {
    const text = tick.toLocaleString("en-US");
    parts.push(
      line("grid", y(tick)),
      svgText(LEFT - 8, y(tick) + 4, text, { anchor: "end", style: "quiet" }),
    );
  }
  for (const tick of xTicks) {
    const text = tick.toLocaleString("en-US");
    parts.push(svgText(x(tick), bottom + 18, text, { anchor: "middle", style: "quiet" }));
  }
  for (const mark of chart.marks) {
    parts.push(
      line("mark", y(mark.y)),
      svgText(LEFT + 6, y(mark.y) - 5, mark.label, { style: "quiet" }),
    );
  }
  let others = 0;
  for (const [index, { name, role, points }] of chart.series.entries()) {
    const colour =
      role === "other" ? (["other", "other-1", "other-2"][others++ % 3] ?? role) : role;
    const path = points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ");
    const legend = top + LINES_TITLE_HEIGHT + index * 20;
    parts.push(
      `<rect class="bar ${colour}" x="${LEFT}" y="${legend - 5}" width="18" height="4"/>`,
      svgText(LEFT + 26, legend + 2, name),
      `<polyline class="${colour} line" points="${path}"/>`,
      ...points.map(
        ([a, b]) =>
          `<circle class="${colour}" cx="${x(a).toFixed(1)}" cy="${y(b).toFixed(1)}" r="3"/>`,
      ),
    );
  }
  parts.push(
    svgText(LEFT + PLOT_WIDTH / 2, bottom + 38, chart.x.label, {
      anchor: "middle",
      style: "quiet",
    }),
    svgText(16, top + 36, chart.y.label, { style: "quiet" }),
  );
  return { svg: parts.join("\n"), height: bottom + 60 - top };
}

const WIDTH = 860;

/** All charts of a report, one below the other; null when it has none. */
export function svgReport(report: Report): string | null {
  if (report.charts.length === 0) return null;
  let top = 20;
  const parts = report.charts.map((chart) => {
    const drawing = chart.kind === "bars" ? drawBars(chart, top) : drawLines(chart, top);
    top += drawing.height;
    return drawing.svg;
  });
  const { environment } = report;
  const footer = `${environment.cpu}, ${environment.cores} cores; Node ${environment.node}; ${environment.placement}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 30}" width="${WIDTH}" height="${top + 30}" role="img" aria-label="${escapeXml(report.title)}">`,
    `<title>${escapeXml(report.title)}</title>`,
    `<style>${CHART_STYLE}</style>`,
    `<rect class="page" width="100%" height="100%"/>`,
    ...parts,
    svgText(16, top + 10, footer, { style: "quiet" }),
    `</svg>\n`,
  ].join("\n");
}
