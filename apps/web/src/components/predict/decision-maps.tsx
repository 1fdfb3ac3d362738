import { memo, useId } from "react";
import { clsx } from "clsx";
import { borderPath, type DecisionGrid, labelCell, runs } from "@/lib/decision-grid.ts";
import { classColours, ClassMark } from "./class-mark.tsx";
import { AREA, FRAME } from "./plot-frame.ts";
import { percent } from "@/lib/prediction-text.ts";

/** Opacity of a region where the model is unsure, fairly sure and sure. */
const OPACITY = [0.12, 0.22, 0.34];

/** Place in {@link OPACITY}; the middle one without probabilities. */
function sureness(confidence = 0.7): number {
  if (confidence < 0.6) return 0;
  return confidence < 0.85 ? 1 : 2;
}

/** The coloured regions of a decision map and their borders. */
export const RegionMap = memo(function RegionMap({ grid }: { readonly grid: DecisionGrid }) {
  const { size } = grid;
  const look = (cell: number) =>
    (grid.classes[cell] ?? 0) * OPACITY.length + sureness(grid.confidence?.[cell]);
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

/** Share of a grid's cells for which the models name different classes. */
export function disagreement(grids: readonly DecisionGrid[]): number {
  const cells = grids[0]?.classes.length ?? 0;
  let different = 0;
  for (let cell = 0; cell < cells; cell += 1) if (differ(grids, cell)) different += 1;
  return cells === 0 ? 0 : different / cells;
}

function differ(grids: readonly DecisionGrid[], cell: number): boolean {
  return grids.some((grid) => grid.classes[cell] !== grids[0]?.classes[cell]);
}

/** Hatches the cells for which the models name different classes. */
export const DisagreementMap = memo(function DisagreementMap({
  grids,
}: {
  readonly grids: readonly DecisionGrid[];
}) {
  const id = useId();
  const size = grids[0]?.size ?? 0;
  const [width, height] = [AREA.width / size, AREA.height / size];
  return (
    <>
      <defs>
        <pattern
          id={id}
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="6" height="6" className="fill-rose" fillOpacity="0.16" />
          <path d="M0 0V6" className="stroke-rose" strokeWidth="3" />
        </pattern>
      </defs>
      {runs(size, (cell) => (differ(grids, cell) ? 1 : 0))
        .filter(({ value }) => value === 1)
        .map(({ row, from, to }) => (
          <rect
            key={`${row} ${from}`}
            x={FRAME.left + from * width}
            y={FRAME.top + (size - row - 1) * height}
            width={(to - from) * width}
            height={height + 0.2}
            fill={`url(#${id})`}
          />
        ))}
    </>
  );
});

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

function SurenessKey() {
  return (
    <div>
      <h3 className="font-medium">How sure the model is</h3>
      <ul className="mt-1.5 grid gap-1 text-muted">
        {[
          ["below 60 %", 0.12],
          ["60 to 85 %", 0.22],
          ["above 85 %", 0.34],
        ].map(([text, opacity]) => (
          <li key={text} className="flex items-center gap-2.5">
            <svg viewBox="0 0 28 14" aria-hidden="true" className="h-3.5 w-7">
              <rect width="28" height="14" className="fill-ink" fillOpacity={opacity} />
            </svg>
            {text}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** More would be a page of their own. */
const MOST_HELD = 24;

/** What a map holds constant. */
export function HeldConstant({ fixed }: { readonly fixed: readonly string[] }) {
  if (fixed.length === 0) return null;
  return (
    <div>
      <h3 className="font-medium">Held constant</h3>
      <ul
        className={clsx(
          "figures mt-1.5 grid gap-x-6 text-muted",
          fixed.length > 6 && "lg:grid-cols-2",
        )}
      >
        {fixed.slice(0, MOST_HELD).map((text) => (
          <li key={text} className="wrap-anywhere">
            {text}
          </li>
        ))}
        {fixed.length > MOST_HELD && <li>and {fixed.length - MOST_HELD} more</li>}
      </ul>
    </div>
  );
}

interface MapKeyProps {
  readonly grid: DecisionGrid | undefined;
  readonly classes: readonly string[];
  /** Features that are the same all over the map, as text. */
  readonly fixed: readonly string[];
  /** Below two maps instead of beside one. */
  readonly wide: boolean;
}

/** Share of a grid's cells that a class has. */
export function mapShare(grid: DecisionGrid, classIndex: number): number {
  return grid.classes.filter((value) => value === classIndex).length / grid.classes.length;
}

/** What a decision map's marks mean, how much of it each class has, and what it holds constant. */
export function MapKey({ grid, classes, fixed, wide }: MapKeyProps) {
  return (
    <div
      className={clsx(
        "text-[0.8125rem]",
        wide ? "col-span-full flex flex-wrap gap-x-12 gap-y-4" : "grid content-start gap-4",
      )}
    >
      <div>
        <h3 className="font-medium">Share of the map</h3>
        <ul className="mt-1.5 grid gap-1">
          {classes.map((label, index) => (
            <li key={label} className="flex items-center gap-2.5">
              <ClassMark index={index} />
              <span className="w-24">{label}</span>
              <span className="figures text-muted">
                {grid === undefined ? "" : percent(mapShare(grid, index))}
              </span>
            </li>
          ))}
        </ul>
      </div>
      {grid?.confidence === null ? (
        <p className="max-w-64 text-muted">
          This model predicts the class alone, so the map does not say how sure it is.
        </p>
      ) : (
        <SurenessKey />
      )}
      <HeldConstant fixed={fixed} />
    </div>
  );
}
