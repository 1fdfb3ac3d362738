import { memo } from "react";
import { labelCell, type DecisionGrid } from "@/lib/decision-grid.ts";
import { AREA, FRAME } from "./plot-frame.ts";

interface RegionNamesProps {
  readonly grid: DecisionGrid;
  readonly classes: readonly string[];
}

/** The name of each class in its region. */
export const RegionNames = memo(function RegionNames({ grid, classes }: RegionNamesProps) {
  const { size } = grid;
  const [cellWidth, cellHeight] = [AREA.width / size, AREA.height / size];
  return (
    <g
      className="fill-ink stroke-surface text-[13px] max-sm:text-[16px] font-semibold"
      strokeWidth="4"
      strokeLinejoin="round"
      paintOrder="stroke"
      textAnchor="middle"
    >
      {classes.map((label, index) => {
        const cell = labelCell(grid, index);
        if (cell === null) return null;
        const x = FRAME.left + ((cell % size) + 0.5) * cellWidth;
        const y = FRAME.top + (size - Math.floor(cell / size) - 0.5) * cellHeight + 4;
        return (
          <text key={label} x={x} y={y}>
            {label}
          </text>
        );
      })}
    </g>
  );
});
