import { memo } from "react";
import { borderPath, runs, type DecisionGrid } from "@/lib/decision-grid.ts";
import { classColours } from "./class-mark.tsx";
import { AREA, FRAME } from "./plot-frame.ts";

/** Opacity of a region where the model is unsure, fairly sure and sure. */
const OPACITY = [0.12, 0.22, 0.34];

function sureness(confidence: number): number {
  if (confidence < 0.6) return 0;
  return confidence < 0.85 ? 1 : 2;
}

/** The coloured regions of a decision map and their borders. */
export const RegionMap = memo(function RegionMap({ grid }: { readonly grid: DecisionGrid }) {
  const { size } = grid;
  const look = (cell: number) =>
    (grid.classes[cell] ?? 0) * OPACITY.length + sureness(grid.confidence[cell] ?? 0);
  const cellWidth = AREA.width / size;
  const cellHeight = AREA.height / size;
  return (
    <g
      shapeRendering="crispEdges"
      transform={`translate(${FRAME.left} ${FRAME.top}) scale(${cellWidth} ${cellHeight})`}
    >
      {runs(size, look).map(({ row, from, to, value }) => (
        <rect
          key={`${row} ${from}`}
          x={from}
          y={size - row - 1}
          width={to - from}
          height={1}
          className={classColours(Math.floor(value / OPACITY.length)).fill}
          fillOpacity={OPACITY[value % OPACITY.length]}
        />
      ))}
      <path
        d={borderPath(grid)}
        className="fill-none stroke-ink"
        strokeOpacity="0.55"
        vectorEffect="non-scaling-stroke"
        strokeWidth="1"
      />
    </g>
  );
});
