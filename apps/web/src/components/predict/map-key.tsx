import type { DecisionGrid } from "@/lib/decision-grid.ts";
import { cn } from "@/lib/cn.ts";
import { ClassMark } from "./class-mark.tsx";
import { percent } from "./probability-bars.tsx";

interface MapKeyProps {
  readonly grid: DecisionGrid | undefined;
  readonly classes: readonly string[];
  /** Features that are the same all over the map, as text. */
  readonly fixed: readonly string[];
}

/** Share of a grid's cells that a class has. */
export function mapShare(grid: DecisionGrid, classIndex: number): number {
  return grid.classes.filter((value) => value === classIndex).length / grid.classes.length;
}

/** What a decision map's marks mean, how much of it each class has, and what it holds still. */
export function MapKey({ grid, classes, fixed }: MapKeyProps) {
  return (
    <div className="text-sm">
      <h3 className="font-medium">Share of the map</h3>
      <ul className="mt-2 grid gap-1.5">
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
      <h3 className="mt-6 font-medium">How sure the model is</h3>
      <ul className="mt-2 grid gap-1.5 text-muted">
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
      {fixed.length > 0 && (
        <>
          <h3 className="mt-6 font-medium">Held still</h3>
          <ul
            className={cn(
              "figures mt-2 grid gap-x-6 gap-y-1 text-muted",
              fixed.length > 6 && "lg:grid-cols-2",
            )}
          >
            {fixed.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
