"use client";

import type { ModelCard } from "@sepal/schema/model-card";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import type { BatchChoice } from "@/lib/batch/address.ts";

interface ModelChoiceProps {
  readonly cards: readonly ModelCard[];
  readonly choice: BatchChoice;
  readonly onChoice: (model: string, version: string | null) => void;
}

/** The model that predicts a table, and its version. */
export function ModelChoice({ cards, choice, onChoice }: ModelChoiceProps) {
  const { card, version } = choice;
  return (
    <>
      <NativeSelect
        label="Model"
        value={card.name}
        options={cards.map(({ name, state }) => ({
          value: name,
          text: state === "ready" ? name : `${name}, ${state}`,
        }))}
        onChange={(name) => onChoice(name, null)}
      />
      <NativeSelect
        label="Version"
        value={version}
        options={card.versions.map(({ version: value }) => ({
          value,
          text: value === card.default_version ? `${value} (default)` : value,
        }))}
        onChange={(value) => onChoice(card.name, value)}
      />
    </>
  );
}
