import type { FeatureField } from "@/lib/feature-range.ts";
import { AREA, axisTitle, FRAME, placeX, placeY, ticks } from "./plot-frame.ts";

/** Ticks and titles of a plot over two features. */
export function PlotAxes({ x, y }: { readonly x: FeatureField; readonly y: FeatureField }) {
  const bottom = FRAME.height - FRAME.bottom;
  return (
    <g className="fill-muted text-[11px] max-sm:text-[14px]" stroke="none">
      {ticks(x.min, x.max, 7).map((at) => (
        <text key={at} x={placeX(x, at)} y={bottom + 15} textAnchor="middle">
          {at}
        </text>
      ))}
      {ticks(y.min, y.max, 6).map((at) => (
        <text key={at} x={FRAME.left - 6} y={placeY(y, at) + 4} textAnchor="end">
          {at}
        </text>
      ))}
      <text x={FRAME.left + AREA.width / 2} y={FRAME.height - 6} textAnchor="middle">
        {axisTitle(x)}
      </text>
      <text
        transform={`translate(10 ${FRAME.top + AREA.height / 2}) rotate(-90)`}
        textAnchor="middle"
      >
        {axisTitle(y)}
      </text>
    </g>
  );
}
