"use client";

import { useEffect, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { ChartSpec } from "./chart-spec.ts";
import { plotOptions } from "./plot-options.ts";
import type { Palette } from "./use-palette.ts";
import { useWidth } from "./use-width.ts";

interface LinePlotProps {
  readonly spec: ChartSpec;
  readonly palette: Palette | null;
  /** Told which point is pointed at; `null` for none. */
  readonly onHover: (index: number | null) => void;
}

function dataOf({ data, band }: ChartSpec): UPlot.AlignedData {
  const lines = data.lines.map((line) => [...line]);
  const edges = band === undefined ? [] : [[...band.lower], [...band.upper]];
  return [[...data.times], ...lines, ...edges];
}

/** The picture of a chart; what it shows is said elsewhere, so it is hidden from screen readers. */
export function LinePlot({ spec, palette, onHover }: LinePlotProps) {
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
