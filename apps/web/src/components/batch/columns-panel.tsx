"use client";

import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import { useId } from "react";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import type { BatchCommand, BatchState } from "@/lib/batch/protocol.ts";
import { featureTitle } from "@/lib/contract-parts.ts";
import { inSentence, plural } from "@/lib/format.ts";

interface ColumnsPanelProps {
  readonly contract: Contract;
  readonly state: BatchState;
  readonly tell: (command: BatchCommand) => void;
}

/** Features of which the columns can be chosen at once. */
const MOST_SHOWN = 40;

/** Features that a sentence names. */
const MOST_NAMED = 20;

/** The features that need a column and have none; a row of JSON may leave out what may be missing. */
function unmapped(
  { features }: Contract,
  { columns, mapping, shape }: Pick<BatchState, "columns" | "mapping" | "shape">,
): FeatureSpec[] {
  if (columns.length === 0) return [];
  return features.filter((feature, index) => {
    const mayLack = feature.nullable === true && shape?.format !== "csv";
    return (mapping[index] ?? null) === null && !mayLack;
  });
}

/** Which column each feature is read from. */
export function ColumnsPanel({ contract, state, tell }: ColumnsPanelProps) {
  const id = useId();
  const { columns, mapping } = state;
  const options = [
    { value: "", text: "No column" },
    ...columns.map((name, index) => ({ value: String(index), text: name })),
  ];
  const named = columns.length === 0 ? [] : contract.features;
  const missing = unmapped(contract, state);
  const shown = named
    .map((feature, index) => ({ feature, index }))
    .filter(({ feature, index }) => index < MOST_SHOWN || missing.includes(feature))
    .slice(-MOST_SHOWN);
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
      {columns.length === 0 && (
        <p className="mt-4 text-muted">
          Each row has its features in a list:{" "}
          {contract.features.map(({ name }) => name).join(", ")}.
        </p>
      )}
      <div className="mt-4 grid gap-4 empty:hidden sm:grid-cols-2">
        {shown.map(({ feature, index }) => (
          <NativeSelect
            key={feature.name}
            label={featureTitle(feature)}
            value={String(mapping[index] ?? "")}
            options={options}
            onChange={(value) => choose(index, value)}
          />
        ))}
      </div>
      {named.length > shown.length && (
        <p className="mt-4 text-sm text-muted">
          {plural(named.length - shown.length, "feature")} more have their columns.
        </p>
      )}
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
          `Choose a column for ${missing
            .slice(0, MOST_NAMED)
            .map(({ label }) => inSentence(label))
            .join(
              ", ",
            )}${missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : ""}.`}
        {missing.length === 0 && repeated && "Two features are read from the same column."}
      </output>
    </section>
  );
}
