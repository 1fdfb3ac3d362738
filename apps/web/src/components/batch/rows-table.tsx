"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import type { Contract } from "@sepal/schema/define-contract";
import { Button } from "@/components/ui/button.tsx";
import type { RowFilter, TableRow } from "@/lib/batch/protocol.ts";
import type { Batch } from "@/lib/batch/use-batch.ts";
import { count, plural } from "@/lib/format.ts";
import { hiddenColumns, RowCells, RowHeadings, tableWidth } from "./row-cells.tsx";

const ROW_HEIGHT = 36;
/** Rows rendered beyond each edge of what is seen. */
const MARGIN = 8;
const WINDOW = 36;

const NOTHING: { readonly from: number; readonly rows: readonly TableRow[] } = {
  from: 0,
  rows: [],
};

interface RowsTableProps {
  readonly contract: Contract;
  readonly batch: Batch;
}

/** All rows, or the bad ones, of which only those in sight are rendered. */
export function RowsTable({ contract, batch }: RowsTableProps) {
  const { state, readWindow, download } = batch;
  const { revision, rows, badRows, wrongRows, evaluation } = state;
  const counts = { all: rows, bad: badRows, wrong: wrongRows };
  const titles = {
    all: "All",
    bad: "Bad",
    wrong: evaluation?.kind === "values" ? "Largest errors" : "Misclassified",
  };
  const [filter, setFilter] = useState<RowFilter>("all");
  const [from, setFrom] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const filters = (["all", "bad", "wrong"] as const).filter(
    (each) => each !== "wrong" || evaluation !== null || each === filter,
  );
  const total = counts[filter];

  const { data: shown = NOTHING } = useQuery({
    queryKey: ["batch-rows", revision, filter, from],
    queryFn: async () => ({ from, rows: await readWindow(filter, from, WINDOW) }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

  const scroll = () => {
    const first = Math.floor((scroller.current?.scrollTop ?? 0) / ROW_HEIGHT) - MARGIN;
    // In steps, so that scrolling by a row asks for nothing.
    setFrom(Math.max(0, first - (first % 4)));
  };
  const choose = (next: RowFilter) => {
    setFilter(next);
    setFrom(0);
    scroller.current?.scrollTo({ top: 0 });
  };
  const hidden = hiddenColumns(contract);
  const below = Math.max(0, total - shown.from - shown.rows.length);
  return (
    <section aria-labelledby={`${id}title`} className="min-w-0">
      <div className="mb-3 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
          <h2 id={`${id}title`} className="text-2xl">
            Rows
          </h2>
          <fieldset className="flex gap-1">
            <legend className="sr-only">Which rows</legend>
            {filters.map((each) => (
              <Button
                key={each}
                size="sm"
                variant={filter === each ? "outline" : "ghost"}
                aria-pressed={filter === each}
                onClick={() => choose(each)}
              >
                {titles[each]}
                <span className="figures font-normal text-muted">{count(counts[each])}</span>
              </Button>
            ))}
          </fieldset>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button size="sm" disabled={badRows === 0} onClick={() => download("bad")}>
            Download bad rows
          </Button>
          <Button size="sm" disabled={state.answered === 0} onClick={() => download("results")}>
            Download predictions
          </Button>
        </div>
      </div>
      {hidden > 0 && (
        <p className="mb-3 text-sm text-muted">
          {plural(hidden, "column")} left out here; the downloaded file has all of them.
        </p>
      )}
      <section
        ref={scroller}
        onScroll={scroll}
        aria-label="Rows of the table"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled with keys
        tabIndex={0}
        className="plate h-[min(36rem,75dvh)] overflow-auto overscroll-contain"
      >
        <table
          aria-rowcount={total + 1}
          className="figures w-full table-fixed text-sm"
          style={{
            minWidth: `${tableWidth(contract)}rem`,
          }}
        >
          <thead className="sticky top-0 z-10 bg-surface text-left text-xs text-muted shadow-[0_1px_0_var(--rule)]">
            <tr aria-rowindex={1} className="h-9">
              <th scope="col" className="w-20 px-3 text-right font-medium">
                Row
              </th>
              <RowHeadings contract={contract} />
            </tr>
          </thead>
          <tbody>
            <tr aria-hidden="true" style={{ height: shown.from * ROW_HEIGHT }} />
            {shown.rows.map((row, index) => (
              <tr
                key={row.number}
                aria-rowindex={shown.from + index + 2}
                className="h-9 border-t border-rule"
              >
                <RowCells contract={contract} row={row} />
              </tr>
            ))}
            <tr aria-hidden="true" style={{ height: below * ROW_HEIGHT }} />
          </tbody>
        </table>
        {total === 0 && (
          <p className="absolute inset-x-0 top-16 text-center text-muted">
            {{ all: "No rows yet.", bad: "No bad rows.", wrong: "No misclassified rows." }[filter]}
          </p>
        )}
      </section>
    </section>
  );
}
