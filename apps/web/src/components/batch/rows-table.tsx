"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { memo, useId, useRef, useState } from "react";
import { clsx } from "clsx";
import type { Contract } from "@sepal/schema/define-contract";
import { Button } from "@/components/ui/button.tsx";
import type { RowFilter, TableRow } from "@/lib/batch/protocol.ts";
import type { Batch } from "@/lib/batch/use-batch.ts";
import { count } from "@/lib/format.ts";
import { classColours, ClassMark } from "@/components/predict/class-mark.tsx";

interface RowCellsProps {
  readonly contract: Contract;
  readonly row: TableRow;
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}

function Problems({ contract, row }: RowCellsProps) {
  const text = row.problems
    .map(({ feature, reason }) => {
      const label = feature === null ? undefined : contract.features[feature]?.label;
      return label === undefined ? reason : `${label}: ${reason}`;
    })
    .join("; ");
  return (
    <td
      colSpan={2 + contract.classes.length}
      title={text}
      className="truncate px-3 pl-6 font-sans text-rose"
    >
      {text}
    </td>
  );
}

function Answer({ contract, row: { answer } }: RowCellsProps) {
  if (answer === null) {
    return (
      <td colSpan={2 + contract.classes.length} className="px-3 pl-6 text-muted">
        <span className="sr-only">not predicted yet</span>
      </td>
    );
  }
  return (
    <>
      <td className="px-3 pl-6">
        <span className="flex items-center gap-2">
          <ClassMark index={answer.class} />
          {contract.classes[answer.class]}
        </span>
      </td>
      <td className="px-3">
        <div className="flex items-center justify-between gap-3 whitespace-nowrap">
          <span className="h-1.5 grow rounded-full bg-sunken">
            <span
              className={clsx("block h-full rounded-full", classColours(answer.class).background)}
              style={{ width: `${answer.confidence * 100}%` }}
            />
          </span>
          {percent(answer.confidence).padStart(7, "\u2007")}
        </div>
      </td>
      {answer.proba.map((probability, index) => (
        <td
          key={contract.classes[index]}
          className={clsx("px-3 text-right", index !== answer.class && "text-muted")}
        >
          {percent(probability)}
        </td>
      ))}
    </>
  );
}

/** The cells of one row: its number, its input, and its answer or what is wrong with it. */
const RowCells = memo(function RowCells({ contract, row }: RowCellsProps) {
  const broken = new Set(row.problems.map(({ feature }) => feature));
  return (
    <>
      <td className="px-3 text-right text-muted">{row.number}</td>
      {contract.features.map(({ name }, index) => (
        <td
          key={name}
          className={clsx(
            "truncate px-3 text-right",
            broken.has(index) && "bg-rose-soft font-semibold text-rose",
          )}
        >
          {row.cells[index] === "" && broken.has(index) ? "empty" : row.cells[index]}
        </td>
      ))}
      {row.problems.length > 0 ? (
        <Problems contract={contract} row={row} />
      ) : (
        <Answer contract={contract} row={row} />
      )}
    </>
  );
});

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
  const { revision, rows, badRows } = state;
  const [filter, setFilter] = useState<RowFilter>("all");
  const [from, setFrom] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const total = filter === "all" ? rows : badRows;

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
            {(["all", "bad"] as const).map((each) => (
              <Button
                key={each}
                size="sm"
                variant={filter === each ? "outline" : "ghost"}
                aria-pressed={filter === each}
                onClick={() => choose(each)}
              >
                {each === "all" ? "All" : "Bad"}
                <span className="figures font-normal text-muted">
                  {count(each === "all" ? rows : badRows)}
                </span>
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
      <section
        ref={scroller}
        onScroll={scroll}
        aria-label="Rows of the table"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled with keys
        tabIndex={0}
        className="plate relative h-[min(36rem,75dvh)] overflow-auto overscroll-contain"
      >
        <table
          aria-rowcount={total + 1}
          className="figures w-full table-fixed text-sm"
          style={{
            minWidth: `${21 + 6.5 * (contract.features.length + contract.classes.length)}rem`,
          }}
        >
          <thead className="sticky top-0 z-10 bg-surface text-left text-xs text-muted shadow-[0_1px_0_var(--rule)]">
            <tr aria-rowindex={1} className="h-9">
              <th scope="col" className="w-20 px-3 text-right font-medium">
                Row
              </th>
              {contract.features.map(({ name, label }) => (
                <th key={name} scope="col" className="px-3 text-right font-medium">
                  {label}
                </th>
              ))}
              <th scope="col" className="w-36 px-3 pl-6 font-medium">
                Class
              </th>
              <th scope="col" className="w-32 px-3 font-medium">
                Confidence
              </th>
              {contract.classes.map((label) => (
                <th key={label} scope="col" className="truncate px-3 text-right font-medium">
                  {label}
                </th>
              ))}
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
            {filter === "bad" ? "No bad rows." : "No rows yet."}
          </p>
        )}
      </section>
    </section>
  );
}
