import { memo } from "react";
import { borderPath, runs, type ValueGrid } from "@/lib/decision-grid.ts";
import { AREA, FRAME } from "./plot-frame.ts";

/** The values that a map's lightest and deepest shade stand for. */
export interface ValueScale {
  readonly min: number;
  readonly max: number;
}

/** Shades of a value map. */
const LEVELS = 9;

/** The scale of all values of some grids. */
export function valueScale(grids: readonly ValueGrid[]): ValueScale {
  let [min, max] = [Infinity, -Infinity];
  for (const value of grids.flatMap(({ values }) => values)) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return min > max ? { min: 0, max: 1 } : { min, max };
}

function level({ min, max }: ValueScale, value: number): number {
  const share = (value - min) / (max - min || 1);
  return Math.max(0, Math.min(LEVELS - 1, Math.floor(share * LEVELS)));
}

function levelOpacity(at: number): number {
  return 0.05 + (at / (LEVELS - 1)) * 0.75;
}

/** The opacity of a value's shade. */
export function valueOpacity(scale: ValueScale, value: number): number {
  return levelOpacity(level(scale, value));
}

/** The scale as two numbers, so that a picture is drawn again only when they change. */
interface ValueMapProps extends ValueScale {
  readonly grid: ValueGrid;
  /** Class name of the colour. */
  readonly fill: string;
}

/** A predicted number over two features in shades, with lines where the shade changes. */
export const ValueMap = memo(function ValueMap({ grid, fill, min, max }: ValueMapProps) {
  const { size, values } = grid;
  const levels = values.map((value) => level({ min, max }, value));
  return (
    <g
      shapeRendering="crispEdges"
      transform={`translate(${FRAME.left} ${FRAME.top}) scale(${AREA.width / size} ${AREA.height / size})`}
    >
      {runs(size, (cell) => levels[cell] ?? 0).map(({ row, from, to, value }) => (
        <rect
          key={`${row} ${from}`}
          x={from}
          y={size - row - 1}
          width={to - from}
          height={1}
          className={fill}
          fillOpacity={levelOpacity(value)}
        />
      ))}
      <path
        d={borderPath({ size, classes: levels })}
        className="fill-none stroke-ink"
        strokeOpacity="0.22"
        vectorEffect="non-scaling-stroke"
        strokeWidth="1"
      />
    </g>
  );
});

interface ValueLegendProps {
  readonly scale: ValueScale;
  readonly fill: string;
  readonly text: (value: number) => string;
}

/** What the shades of a value map stand for. */
export function ValueLegend({ scale, fill, text }: ValueLegendProps) {
  return (
    <div className="figures max-w-80">
      <svg viewBox={`0 0 ${LEVELS * 10} 6`} aria-hidden="true" className="h-auto w-full">
        {Array.from({ length: LEVELS }, (_, at) => (
          <rect
            key={at}
            x={at * 10}
            width="10"
            height="6"
            className={fill}
            fillOpacity={levelOpacity(at)}
          />
        ))}
      </svg>
      <p className="mt-1 flex justify-between gap-4 text-sm text-muted">
        <span>
          <span className="sr-only">lightest </span>
          {text(scale.min)}
        </span>
        <span>
          <span className="sr-only">deepest </span>
          {text(scale.max)}
        </span>
      </p>
    </div>
  );
}
