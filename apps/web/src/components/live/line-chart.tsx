"use client";

import { useEffect, useRef, useState } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { ChartFrame, DataTable } from "./chart-frame.tsx";
import {
  type ChartLine,
  type ChartSpec,
  drawnLines,
  timeOfDay,
  verticalRange,
} from "./chart-specs.ts";
import type { Palette } from "./use-palette.ts";
import { useWidth } from "./use-width.ts";

interface PlotOptions {
  readonly width: number;
  readonly palette: Palette;
  /** The chart as it is now: a plot outlives many of them. */
  readonly spec: () => ChartSpec;
  readonly onHover: (index: number | null) => void;
}

function drawAcross(plot: UPlot, y: number): void {
  const { ctx, bbox } = plot;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
}

/** Draws the limit with its name, and where the server started anew. */
function drawMarks(plot: UPlot, { limit, span }: ChartSpec, { colour, font }: Palette): void {
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

/** How uPlot numbers its scales. */
const DISTRIBUTIONS = { linear: 1, log: 3 } as const;

/** Of the marks of a logarithmic scale only 0 and the powers of ten are drawn. */
function powersOfTen(splits: readonly number[]): (number | null)[] {
  return splits.map((value) =>
    value === 0 || Math.abs(Math.log10(value) % 1) < 1e-6 ? value : null,
  );
}

/** The colour of the area below a stacked line. */
function areaOf({ colour: named }: ChartLine, colour: Palette["colour"]): string {
  return colour(`color-mix(in oklab, ${named} 22%, transparent)`);
}

/** What uPlot draws for a chart. */
function plotOptions({ width, palette, spec, onHover }: PlotOptions): UPlot.Options {
  const { colour, font } = palette;
  const { lines, band, scale, tall, stacked } = spec();
  const axis = {
    stroke: colour("var(--muted)"),
    font,
    grid: { stroke: colour("var(--rule)"), width: 1 },
    ticks: { show: false },
  };
  const series: UPlot.Series[] = lines.map((line, index) => ({
    stroke: colour(line.colour),
    width: line.width ?? 1.75,
    points: { size: 5, fill: colour(line.colour) },
    ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
    ...(stacked === true && index === 0 ? { fill: areaOf(line, colour) } : {}),
  }));
  const edge: UPlot.Series = { stroke: "transparent", width: 0, points: { show: false } };
  const bands: UPlot.Band[] =
    band === undefined
      ? []
      : [{ series: [lines.length + 2, lines.length + 1], fill: colour(band.colour) }];
  if (stacked === true) {
    for (const [index, line] of lines.entries()) {
      if (index > 0) bands.push({ series: [index + 1, index], fill: areaOf(line, colour) });
    }
  }
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
              filter: (_: UPlot, splits: number[]) => powersOfTen(splits),
              grid: { ...axis.grid, filter: (_: UPlot, splits: number[]) => powersOfTen(splits) },
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

interface LinePlotProps {
  readonly spec: ChartSpec;
  readonly palette: Palette | null;
  /** Called with the index of the point under the pointer; `null` for none. */
  readonly onHover: (index: number | null) => void;
}

function dataOf(spec: ChartSpec): UPlot.AlignedData {
  const { data, band } = spec;
  const lines = drawnLines(spec);
  const edges = band === undefined ? [] : [[...band.lower], [...band.upper]];
  return [[...data.times], ...lines, ...edges];
}

/** The picture of a chart; what it shows is said elsewhere, so it is hidden from screen readers. */
function LinePlot({ spec, palette, onHover }: LinePlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef(spec);
  const width = useWidth(host);
  // Another set of lines needs another plot; other values do not.
  const shape = spec.lines.map(({ name, colour }) => `${name} ${colour}`).join();

  useEffect(() => {
    latest.current = spec;
    plot.current?.setData(dataOf(spec));
  }, [spec]);
  useEffect(() => {
    if (host.current === null || palette === null || width === 0 || shape === "") return undefined;
    const options = plotOptions({ width, palette, spec: () => latest.current, onHover });
    const own = new UPlot(options, dataOf(latest.current), host.current);
    plot.current = own;
    return () => {
      plot.current = null;
      own.destroy();
    };
  }, [palette, width, shape, onHover]);
  return <div ref={host} aria-hidden="true" className={spec.tall === true ? "h-70" : "h-50"} />;
}

function textOf(spec: ChartSpec, value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : spec.format(value);
}

function Sample({ colour, dash, width = 1.75 }: ChartLine) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 24 6"
      className="h-1.5 w-6 shrink-0"
      style={{ color: colour }}
    >
      <path
        d="M0 3H24"
        stroke="currentColor"
        strokeWidth={width + 0.5}
        strokeDasharray={dash?.join(" ")}
      />
    </svg>
  );
}

/** The numbers of the chart, the latest first; a gap stands where nothing was scraped. */
function table(spec: ChartSpec) {
  const { data, lines, title } = spec;
  const rows = data.times.map((time, index) => {
    const gap = data.lines.every((line) => line[index] === null);
    const cells = data.lines.map((line) => textOf(spec, line[index]));
    return [`${timeOfDay(time)}${gap ? " (nothing)" : ""}`].concat(cells);
  });
  const head = ["Time", ...lines.map(({ name }) => name)];
  return <DataTable caption={title} head={head} rows={rows.toReversed()} />;
}

interface LineChartProps {
  readonly spec: ChartSpec;
  readonly palette: Palette | null;
  readonly className?: string;
}

/** Lines over time with their latest values, or those of the time that is pointed at. */
export function LineChart({ spec, palette, className }: LineChartProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const { title, note, lines, data } = spec;
  const index = hovered ?? data.times.length - 1;
  const at = data.times[index];
  const legend = (
    <ul aria-label={`Lines of ${title}`} className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {lines.map((line, order) => (
        <li key={line.name} className="flex items-center gap-2">
          <Sample {...line} />
          {line.name}
          <span className="figures font-medium">{textOf(spec, data.lines[order]?.[index])}</span>
        </li>
      ))}
      {hovered !== null && at !== undefined && (
        <li className="figures text-muted">{timeOfDay(at)}</li>
      )}
    </ul>
  );
  return (
    <ChartFrame
      title={title}
      note={note}
      legend={legend}
      table={() => table(spec)}
      {...(className === undefined ? {} : { className })}
    >
      <LinePlot spec={spec} palette={palette} onHover={setHovered} />
    </ChartFrame>
  );
}
