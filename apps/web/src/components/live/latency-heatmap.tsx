"use client";

import { useEffect, useRef } from "react";
import { count, durationText } from "@/lib/format.ts";
import type { ChartSpan } from "@/lib/live/chart-data.ts";
import { ChartFrame, DataTable } from "./chart-frame.tsx";
import type { Palette } from "./use-palette.ts";
import { useWidth } from "./use-width.ts";
import { timeOfDay } from "./chart-specs.ts";

/** What a heatmap is drawn from. */
interface HeatmapData {
  readonly span: ChartSpan;
  /** Finite upper bounds of the buckets, in seconds. */
  readonly bounds: readonly number[];
  /** Requests by bucket, for each step. */
  readonly counts: readonly (readonly number[])[];
}

const BOX = { left: 64, right: 26, top: 8, bottom: 26 };
/** Height of the lowest bucket, which begins at 0, and of `+Inf`, in decades. */
const OPEN_DECADES = 0.3;

/** Shades of a count, from one request to the most in any cell. */
function shade(count: number, most: number): string {
  const share = most <= 1 ? 1 : Math.sqrt(count / most);
  return `color-mix(in oklab, var(--iris) ${Math.round(14 + 86 * share)}%, var(--surface))`;
}

/** The edges of the drawn buckets as decades: every true bound, and a little beyond the last ones. */
function edgesOf(bounds: readonly number[]): number[] {
  const decades = bounds.map((bound) => Math.log10(bound));
  return [(decades[0] ?? 0) - OPEN_DECADES, ...decades, (decades.at(-1) ?? 0) + OPEN_DECADES];
}

/** Draws the heatmap over a canvas of a size in CSS pixels. */
function drawHeatmap(
  canvas: HTMLCanvasElement,
  { span, bounds, counts }: HeatmapData,
  { width, height, palette }: { width: number; height: number; palette: Palette },
): void {
  const ratio = devicePixelRatio;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  if (context === null || bounds.length === 0) return;
  context.scale(ratio, ratio);
  const { colour, font } = palette;
  const edges = edgesOf(bounds);
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  const right = width - BOX.right;
  const bottom = height - BOX.bottom;
  const y = (decade: number) => bottom - ((decade - low) / (high - low)) * (bottom - BOX.top);
  const x = (at: number) =>
    BOX.left + ((at - span.from) / (span.to - span.from)) * (right - BOX.left);
  context.fillStyle = colour("var(--sunken)");
  context.fillRect(BOX.left, BOX.top, right - BOX.left, bottom - BOX.top);

  const most = Math.max(1, ...counts.flat());
  for (const [index, step] of span.steps.entries()) {
    const from = Math.max(BOX.left, x(step.at - step.seconds * 1000));
    const to = x(step.at);
    for (const [bucket, count] of (counts[index] ?? []).entries()) {
      if (count === 0) continue;
      const [upper, lower] = [y(edges[bucket + 1] ?? high), y(edges[bucket] ?? low)];
      context.fillStyle = colour(shade(count, most));
      context.fillRect(from, upper, Math.max(1, to - from - 0.5), lower - upper - 0.5);
    }
  }

  context.font = font;
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.lineWidth = 1;
  let free = Infinity;
  for (const bound of bounds) {
    const at = y(Math.log10(bound));
    context.strokeStyle = colour("color-mix(in oklab, var(--rule) 60%, transparent)");
    context.beginPath();
    context.moveTo(BOX.left, Math.round(at) + 0.5);
    context.lineTo(right, Math.round(at) + 0.5);
    context.stroke();
    if (free - at < 15) continue;
    free = at;
    context.fillStyle = colour("var(--muted)");
    context.fillText(durationText(bound), BOX.left - 8, at);
  }
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  context.fillStyle = colour("var(--muted)");
  const every = (span.to - span.from) / (width < 500 ? 3 : 6);
  for (let at = Math.ceil(span.from / every) * every; at < span.to; at += every) {
    context.fillText(timeOfDay(at / 1000), x(at), height - 8);
  }
}

const HEIGHT = 300;

function bucketName(bounds: readonly number[], index: number): string {
  const [lower, upper] = [bounds[index - 1], bounds[index]];
  if (lower === undefined) return `up to ${durationText(upper ?? 0)}`;
  return upper === undefined
    ? `over ${durationText(lower)}`
    : `${durationText(lower)} to ${durationText(upper)}`;
}

/** Requests by bucket over the whole window. */
function table({ bounds, counts }: HeatmapData) {
  const sums = Array.from({ length: bounds.length + 1 }, (_, bucket) =>
    counts.reduce((sum, step) => sum + (step[bucket] ?? 0), 0),
  );
  const total = sums.reduce((sum, each) => sum + each, 0);
  const rows = sums.map((sum, index) => [
    bucketName(bounds, index),
    count(sum),
    total === 0 ? "–" : `${((100 * sum) / total).toFixed(1)} %`,
  ]);
  const head = ["Response time", "Requests", "Share"];
  return <DataTable caption="Requests by bucket" head={head} rows={rows} />;
}

function Key({ most }: { readonly most: number }) {
  if (most === 0) return <p className="mt-3 text-sm text-muted">No requests in the window.</p>;
  const stops = [1, Math.ceil(most / 4), Math.ceil(most / 2), most];
  return (
    <p className="mt-3 flex items-center gap-2 text-sm text-muted">
      {most > 1 && <span className="figures">1</span>}
      <span aria-hidden="true" className="flex overflow-hidden rounded-xs">
        {[...new Set(stops)].map((stop) => (
          <span key={stop} className="h-3 w-7" style={{ background: shade(stop, most) }} />
        ))}
      </span>
      <span className="figures">
        {count(most)} {most === 1 ? "request" : "requests"} in a cell
      </span>
    </p>
  );
}

interface LatencyHeatmapProps {
  readonly data: HeatmapData;
  readonly palette: Palette | null;
  readonly className?: string;
}

/** Where all durations lie over time: one cell a bucket and step, at the buckets' true bounds. */
export function LatencyHeatmap({ data, palette, className }: LatencyHeatmapProps) {
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(host);
  useEffect(() => {
    if (canvas.current === null || palette === null || width === 0) return;
    drawHeatmap(canvas.current, data, { width, height: HEIGHT, palette });
  }, [data, palette, width]);
  return (
    <ChartFrame
      title="Every response"
      note="One cell for each bucket and moment; the stronger the colour, the more requests fell into it."
      legend={<Key most={Math.max(0, ...data.counts.flat())} />}
      table={() => table(data)}
      {...(className === undefined ? {} : { className })}
    >
      <div ref={host} className="h-75">
        <canvas ref={canvas} aria-hidden="true" className="block size-full" />
      </div>
    </ChartFrame>
  );
}
