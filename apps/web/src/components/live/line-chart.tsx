"use client";

import { useState } from "react";
import { ChartFrame } from "./chart-frame.tsx";
import { timeOfDay, type ChartLine, type ChartSpec } from "./chart-spec.ts";
import { DataTable } from "./data-table.tsx";
import { LinePlot } from "./line-plot.tsx";
import type { Palette } from "./use-palette.ts";

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

/** The numbers of the chart, the latest first; a gap says that nobody looked. */
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
