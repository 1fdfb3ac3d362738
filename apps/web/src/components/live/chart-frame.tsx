"use client";

import { useId, useState, type ReactNode } from "react";
import { clsx } from "clsx";
import { Button } from "@/components/ui/button.tsx";

interface ChartFrameProps {
  readonly title: string;
  readonly note: string;
  readonly legend?: ReactNode;
  readonly table: () => ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A chart with its title, and the same numbers as a table at the press of a button. */
export function ChartFrame({ title, note, legend, table, className, children }: ChartFrameProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={clsx("plate flex min-w-0 flex-col p-4 sm:p-5", className)}
    >
      <div className="flex items-start justify-between gap-4">
        <div className="min-w-0">
          <h2 id={id} className="text-lg">
            {title}
          </h2>
          <p className="text-sm text-muted">{note}</p>
        </div>
        <Button
          size="sm"
          variant="ghost"
          aria-pressed={asTable}
          aria-label={`${title} as a table`}
          className={clsx("-mt-1 -mr-2", asTable && "bg-sunken")}
          onClick={() => setAsTable(!asTable)}
        >
          Table
        </Button>
      </div>
      {legend}
      {asTable ? (
        <section
          aria-label={`Numbers of ${title}`}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled with keys
          tabIndex={0}
          className="mt-3 max-h-72 overflow-auto rounded-md border border-rule"
        >
          {table()}
        </section>
      ) : (
        <div className="mt-auto pt-2">{children}</div>
      )}
    </section>
  );
}

interface DataTableProps {
  readonly caption: string;
  readonly head: readonly string[];
  /** Cells of each row; the first names the row. */
  readonly rows: readonly (readonly string[])[];
}

/** The numbers of a chart. */
export function DataTable({ caption, head, rows }: DataTableProps) {
  return (
    <table className="figures w-full text-right text-sm">
      <caption className="sr-only">{caption}</caption>
      <thead className="sticky top-0 bg-surface text-xs text-muted shadow-[0_1px_0_var(--rule)]">
        <tr>
          {head.map((name) => (
            <th key={name} scope="col" className="px-3 py-2 font-medium first:text-left">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, ...cells]) => (
          <tr key={name} className="border-t border-rule">
            <th scope="row" className="px-3 py-1.5 text-left font-normal whitespace-nowrap">
              {name}
            </th>
            {cells.map((cell, index) => (
              <td key={head[index + 1]} className="px-3 py-1.5">
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
