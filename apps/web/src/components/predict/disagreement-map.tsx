import { memo, useId } from "react";
import { runs, type DecisionGrid } from "@/lib/decision-grid.ts";
import { AREA, FRAME } from "./plot-frame.ts";

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
