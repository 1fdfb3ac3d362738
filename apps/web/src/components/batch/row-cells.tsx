import type { Contract } from "@sepal/schema/define-contract";
import { memo } from "react";
import { classColours, ClassMark } from "@/components/predict/class-mark.tsx";
import type { TableRow } from "@/lib/batch/protocol.ts";
import { cn } from "@/lib/cn.ts";

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
              className={cn("block h-full rounded-full", classColours(answer.class).background)}
              style={{ width: `${answer.confidence * 100}%` }}
            />
          </span>
          {percent(answer.confidence).padStart(7, "\u2007")}
        </div>
      </td>
      {answer.proba.map((probability, index) => (
        <td
          key={contract.classes[index]}
          className={cn("px-3 text-right", index !== answer.class && "text-muted")}
        >
          {percent(probability)}
        </td>
      ))}
    </>
  );
}

/** The cells of one row: its number, its input, and its answer or what is wrong with it. */
export const RowCells = memo(function RowCells({ contract, row }: RowCellsProps) {
  const broken = new Set(row.problems.map(({ feature }) => feature));
  return (
    <>
      <td className="px-3 text-right text-muted">{row.number}</td>
      {contract.features.map(({ name }, index) => (
        <td
          key={name}
          className={cn(
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
