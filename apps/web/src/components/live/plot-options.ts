import type uPlot from "uplot";
import { timeOfDay, verticalRange, type ChartSpec } from "./chart-spec.ts";
import type { Palette } from "./use-palette.ts";

interface PlotOptions {
  readonly width: number;
  readonly palette: Palette;
  /** The chart as it is now: a plot outlives many of them. */
  readonly spec: () => ChartSpec;
  readonly onHover: (index: number | null) => void;
}

function drawAcross(plot: uPlot, y: number): void {
  const { ctx, bbox } = plot;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
}

/** Draws the limit with its name, and where the server started anew. */
function drawMarks(plot: uPlot, { limit, span }: ChartSpec, { colour, font }: Palette): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = font.replace("12px", `${11 * ratio}px`);
  ctx.lineWidth = 1.25 * ratio;
  ctx.setLineDash([5 * ratio, 4 * ratio]);
  if (limit !== undefined) {
    const y = plot.valToPos(limit.value, "y", true);
    ctx.strokeStyle = colour("var(--rose)");
    ctx.fillStyle = colour("var(--rose)");
    drawAcross(plot, y);
    ctx.textAlign = "right";
    ctx.fillText(limit.label, bbox.left + bbox.width - 4 * ratio, y - 7 * ratio);
  }
  ctx.strokeStyle = colour("var(--amber)");
  ctx.fillStyle = colour("var(--amber)");
  ctx.textAlign = "left";
  for (const { at } of span.steps.filter(({ restarted }) => restarted)) {
    const x = plot.valToPos(at / 1000, "x", true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText("restart", x + 4 * ratio, bbox.top + 11 * ratio);
  }
  ctx.restore();
}

/** How uPlot numbers its scales; `fromZero` is linear up to 1 and logarithmic above. */
const DISTRIBUTIONS = { linear: 1, log: 3, fromZero: 4 } as const;

/** Of the marks of a logarithmic scale only 0 and the powers of ten are drawn. */
function powersOfTen(splits: readonly number[]): (number | null)[] {
  return splits.map((value) =>
    value === 0 || Math.abs(Math.log10(value) % 1) < 1e-6 ? value : null,
  );
}

/** What uPlot draws for a chart. */
export function plotOptions({ width, palette, spec, onHover }: PlotOptions): uPlot.Options {
  const { colour, font } = palette;
  const { lines, band, scale, tall } = spec();
  const axis = {
    stroke: colour("var(--muted)"),
    font,
    grid: { stroke: colour("var(--rule)"), width: 1 },
    ticks: { show: false },
  };
  const series: uPlot.Series[] = lines.map((line) => ({
    stroke: colour(line.colour),
    width: line.width ?? 1.75,
    points: { size: 5, fill: colour(line.colour) },
    ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
  }));
  const edge: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false } };
  const bands: uPlot.Band[] =
    band === undefined
      ? []
      : [{ series: [lines.length + 2, lines.length + 1], fill: colour(band.colour) }];
  return {
    width,
    height: tall === true ? 280 : 200,
    padding: [10, 26, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: false, y: false },
      y: false,
      sync: { key: "live" },
      points: { size: 7 },
    },
    scales: {
      x: { time: true, range: () => [spec().span.from / 1000, spec().span.to / 1000] },
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- its enum is only in the types
      y: { distr: DISTRIBUTIONS[scale], range: () => verticalRange(spec()) },
    },
    axes: [
      { ...axis, space: 90, size: 30, values: (_, splits) => splits.map(timeOfDay) },
      {
        ...axis,
        ...(scale === "linear"
          ? {}
          : {
              filter: (_: uPlot, splits: number[]) => powersOfTen(splits),
              grid: { ...axis.grid, filter: (_: uPlot, splits: number[]) => powersOfTen(splits) },
            }),
        size: 64,
        space: 36,
        values: (_, splits: (number | null)[]) =>
          splits.map((value) => (value === null ? "" : spec().format(value))),
      },
    ],
    series: [{}, ...series, ...(band === undefined ? [] : [edge, edge])],
    bands,
    hooks: {
      draw: [(plot) => drawMarks(plot, spec(), palette)],
      setCursor: [({ cursor }) => onHover(cursor.idx ?? null)],
    },
  };
}
