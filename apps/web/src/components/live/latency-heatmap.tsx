"use client";

import { useEffect, useRef } from "react";
import { count } from "@/lib/format.ts";
import { durationText } from "@/lib/live/duration-text.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { DataTable } from "./data-table.tsx";
import { drawHeatmap, shade, type HeatmapData } from "./heatmap-picture.ts";
import type { Palette } from "./use-palette.ts";
import { useWidth } from "./use-width.ts";

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
