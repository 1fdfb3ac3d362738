import type { LineChart } from "./report.ts";
import type { Drawing } from "./svg-bars.ts";
import { svgText } from "./svg-text.ts";

const LEFT = 80;
const WIDTH = 700;
const HEIGHT = 260;
const TITLE_HEIGHT = 60;

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
export function drawLines(chart: LineChart, top: number): Drawing {
  const points = chart.series.flatMap((series) => series.points);
  const xs = points.map(([x]) => x);
  const ys = [...points.map(([, y]) => y), ...chart.marks.map(({ y }) => y)];
  const xTicks = ticks(Math.min(...xs), Math.max(...xs), chart.x.scale);
  const yTicks = ticks(Math.min(...ys), Math.max(...ys), chart.y.scale);
  const plotTop = top + TITLE_HEIGHT + 20 * chart.series.length;
  const bottom = plotTop + HEIGHT;
  const along = position(xTicks, chart.x.scale);
  const up = position(yTicks, chart.y.scale);
  const x = (value: number) => LEFT + along(value) * WIDTH;
  const y = (value: number) => bottom - up(value) * HEIGHT;
  const line = (style: string, at: number) =>
    `<line class="${style}" x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/>`;
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
    const legend = top + TITLE_HEIGHT + index * 20;
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
    svgText(LEFT + WIDTH / 2, bottom + 38, chart.x.label, { anchor: "middle", style: "quiet" }),
    svgText(16, top + 36, chart.y.label, { style: "quiet" }),
  );
  return { svg: parts.join("\n"), height: bottom + 60 - top };
}
