"use client";

import type { Contract } from "@sepal/schema/define-contract";
import { useId } from "react";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import type { BatchCommand, BatchState } from "@/lib/batch/protocol.ts";
import { inSentence } from "@/lib/format.ts";

interface ColumnsPanelProps {
  readonly contract: Contract;
  readonly state: BatchState;
  readonly tell: (command: BatchCommand) => void;
}

/** Which column each feature is read from. */
export function ColumnsPanel({ contract, state, tell }: ColumnsPanelProps) {
  const id = useId();
  const { columns, mapping } = state;
  const options = [
    { value: "", text: "No column" },
    ...columns.map((name, index) => ({ value: String(index), text: name })),
  ];
  const missing = contract.features.filter((_, index) => (mapping[index] ?? null) === null);
  const repeated = mapping.some(
    (column, index) => column !== null && mapping.indexOf(column) !== index,
  );
  const choose = (feature: number, value: string) => {
    tell({ type: "column", feature, column: value === "" ? null : Number(value) });
  };
  return (
    <section aria-labelledby={`${id}title`} className="plate h-full p-5 sm:p-6">
      <h2 id={`${id}title`} className="text-2xl">
        Columns
      </h2>
      <div className="mt-4 grid gap-4 sm:grid-cols-2">
        {contract.features.map(({ name, label, unit }, index) => (
          <NativeSelect
            key={name}
            label={unit === "" ? label : `${label} (${unit})`}
            value={String(mapping[index] ?? "")}
            options={options}
            onChange={(value) => choose(index, value)}
          />
        ))}
      </div>
      {state.shape?.format === "csv" && (
        <label htmlFor={`${id}header`} className="mt-5 flex items-center gap-2.5 text-sm">
          <input
            id={`${id}header`}
            type="checkbox"
            checked={state.hasHeader}
            onChange={({ target }) => tell({ type: "header", hasHeader: target.checked })}
            className="size-4.5 accent-iris"
          />
          The first row holds the names of the columns
        </label>
      )}
      <output className="mt-3 block text-sm text-amber empty:hidden">
        {missing.length > 0 &&
          `Choose a column for ${missing.map(({ label }) => inSentence(label)).join(", ")}.`}
        {missing.length === 0 && repeated && "Two features are read from the same column."}
      </output>
    </section>
  );
}
