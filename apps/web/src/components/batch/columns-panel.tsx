"use client";

import { useQueries } from "@tanstack/react-query";
import type { Contract } from "@sepal/schema/define-contract";
import { matchHeadings } from "@sepal/schema/headings";
import type { ModelCard } from "@sepal/schema/model-card";
import { useId } from "react";
import { clsx } from "clsx";
import { Button } from "@/components/ui/button.tsx";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { unmappedFeatures, type BatchCommand, type BatchState } from "@/lib/batch/protocol.ts";
import { featureTitle } from "@/lib/contract-parts.ts";
import { inSentence, plural } from "@/lib/format.ts";
import { contractQuery } from "@/lib/use-contract.ts";

/** Features of which the columns can be chosen at once. */
const MOST_SHOWN = 40;

/** Features that a sentence names. */
const MOST_NAMED = 20;

/** Contracts whose features are compared with the headings of a table. */
const MOST_CONTRACTS = 20;

/** Models whose features are all among the headings of a table, one a contract. */
function useFittingModels(
  cards: readonly ModelCard[],
  { contract, columns }: { readonly contract: Contract; readonly columns: readonly string[] },
): readonly string[] {
  const others = cards
    .filter(
      (card, index) =>
        card.contract !== contract.name &&
        cards.findIndex((other) => other.contract === card.contract) === index,
    )
    .slice(0, MOST_CONTRACTS);
  const found = useQueries({ queries: others.map((card) => contractQuery(card.contract)) });
  return others.flatMap(({ name }, index) => {
    const features = found[index]?.data?.features;
    if (features === undefined) return [];
    return matchHeadings(columns, features, "header").faults.length === 0 ? [name] : [];
  });
}

interface FittingModelsProps {
  readonly contract: Contract;
  readonly cards: readonly ModelCard[];
  readonly columns: readonly string[];
  readonly onModel: (model: string) => void;
}

/** Models that the table has every column for, where the chosen one has not. */
function FittingModels({ contract, cards, columns, onModel }: FittingModelsProps) {
  const models = useFittingModels(cards, { contract, columns });
  if (models.length === 0) return null;
  return (
    <p className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md bg-iris-soft px-4 py-3 text-sm">
      The headings of this table are the features of another model.
      {models.map((model) => (
        <Button key={model} size="sm" onClick={() => onModel(model)}>
          Use {model}
        </Button>
      ))}
    </p>
  );
}

interface ColumnsPanelProps {
  readonly contract: Contract;
  readonly cards: readonly ModelCard[];
  readonly state: BatchState;
  readonly send: (command: BatchCommand) => void;
  readonly onModel: (model: string) => void;
}

function introduction({ guessed }: BatchState, missing: number): string {
  if (guessed.length === 0) return "Choose the column that each feature is read from.";
  const all = missing === 0 ? "" : " Choose the others.";
  return `The headings do not name every feature; ${plural(guessed.length, "column")} marked “guess” ${guessed.length === 1 ? "was" : "were"} matched by spelling or order.${all}`;
}

/** Which column each feature is read from, with what the column holds. */
export function ColumnsPanel({ contract, cards, state, send, onModel }: ColumnsPanelProps) {
  const id = useId();
  const { columns, mapping, samples, guessed } = state;
  const asks = state.phase === "mapping";
  const options = [
    { value: "", text: "No column" },
    ...columns.map((name, index) => ({ value: String(index), text: name })),
  ];
  const named = columns.length === 0 ? [] : contract.features;
  const missing = unmappedFeatures(contract, { columns, mapping, format: state.shape?.format });
  const shown = named
    .map((feature, index) => ({ feature, index }))
    .filter(
      ({ feature, index }) =>
        index < MOST_SHOWN || missing.includes(feature) || guessed.includes(index),
    )
    .slice(-MOST_SHOWN);
  const repeated = mapping.some(
    (column, index) => column !== null && mapping.indexOf(column) !== index,
  );
  const choose = (feature: number, value: string) => {
    send({ type: "column", feature, column: value === "" ? null : Number(value) });
  };
  const sampleOf = (index: number) => {
    const column = mapping[index] ?? null;
    if (column === null) return "";
    return (samples[column] ?? []).filter((text) => text !== "").join(", ");
  };
  return (
    <section aria-labelledby={`${id}title`} className="plate h-full p-5 sm:p-6">
      <h2 id={`${id}title`} className="text-2xl">
        {asks ? "Match the columns" : "Columns"}
      </h2>
      {asks && <p className="mt-1 max-w-2xl text-muted">{introduction(state, missing.length)}</p>}
      {asks && (
        <FittingModels contract={contract} cards={cards} columns={columns} onModel={onModel} />
      )}
      {columns.length === 0 && (
        <p className="mt-4 text-muted">
          Each row has its features in a list:{" "}
          {contract.features.map(({ name }) => name).join(", ")}.
        </p>
      )}
      <div
        className={clsx(
          "mt-4 grid gap-4 empty:hidden sm:grid-cols-2",
          asks && "lg:grid-cols-3 xl:grid-cols-4",
        )}
      >
        {shown.map(({ feature, index }) => (
          <div key={feature.name} className="min-w-0">
            <NativeSelect
              className="w-full"
              label={
                guessed.includes(index) ? `${featureTitle(feature)}, guess` : featureTitle(feature)
              }
              value={String(mapping[index] ?? "")}
              options={options}
              onChange={(value) => choose(index, value)}
            />
            <p className="figures mt-1 truncate text-xs text-muted empty:hidden">
              {sampleOf(index)}
            </p>
          </div>
        ))}
      </div>
      {named.length > shown.length && (
        <p className="mt-4 text-sm text-muted">
          {plural(named.length - shown.length, "feature")} more have their columns.
        </p>
      )}
      {state.shape?.format === "csv" && (
        <label
          htmlFor={`${id}header`}
          className="mt-4 flex items-center gap-2.5 text-sm pointer-coarse:min-h-11"
        >
          <input
            id={`${id}header`}
            type="checkbox"
            checked={state.hasHeader}
            onChange={({ target }) => send({ type: "header", hasHeader: target.checked })}
            className="size-4.5 accent-iris"
          />
          The first row holds the names of the columns
        </label>
      )}
      {asks && (
        <Button
          variant="primary"
          className="mt-5"
          disabled={missing.length > 0}
          onClick={() => send({ type: "confirm" })}
        >
          Use these columns
        </Button>
      )}
      <output className="mt-3 block text-sm text-muted empty:hidden">
        {missing.length > 0 &&
          `No column yet for ${missing
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

/** Columns of a table that are shown as they are. */
const MOST_PREVIEWED = 40;

/** The first rows of a table as they stand in it, whatever they mean. */
export function TablePreview({ state }: { readonly state: BatchState }) {
  const id = useId();
  const { columns, samples } = state;
  const rows = samples[0]?.length ?? 0;
  return (
    <section aria-labelledby={`${id}title`} className="min-w-0">
      <h2 id={`${id}title`} className="mb-3 text-2xl">
        First rows
      </h2>
      <section
        aria-label="First rows of the file"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled with keys
        tabIndex={0}
        className="plate overflow-x-auto"
      >
        <table className="figures min-w-full text-sm">
          <thead className="text-left text-xs text-muted">
            <tr>
              {columns.slice(0, MOST_PREVIEWED).map((name, column) => (
                // oxlint-disable-next-line react/no-array-index-key -- headings may repeat
                <th key={column} scope="col" className="max-w-56 truncate px-4 py-2 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: rows }, (_, row) => (
              <tr key={row} className="border-t border-rule">
                {samples.slice(0, MOST_PREVIEWED).map((cells, column) => (
                  // oxlint-disable-next-line react/no-array-index-key -- headings may repeat
                  <td key={column} className="max-w-56 truncate px-4 py-2">
                    {cells[row]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
