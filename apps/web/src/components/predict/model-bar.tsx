"use client";

import type { ModelCard } from "@sepal/schema/model-card";
import { useRouter, useSearchParams } from "next/navigation";
import { useId } from "react";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { MAX_COMPARED } from "@/lib/workbench-state.ts";

interface ModelBarProps {
  readonly card: ModelCard;
  readonly cards: readonly ModelCard[];
  readonly version: string;
  readonly compared: readonly string[];
  readonly onVersion: (version: string) => void;
  readonly onCompared: (names: string[]) => void;
}

/** The model of the page, its version, and the models compared with it. */
export function ModelBar({ card, cards, version, compared, onVersion, onCompared }: ModelBarProps) {
  const id = useId();
  const router = useRouter();
  const search = useSearchParams();
  const choose = (name: string) => {
    const same = cards.find((other) => other.name === name)?.contract === card.contract;
    // What a row, a version or an axis means differs between contracts.
    const row = same ? search.get("f") : null;
    router.push(`/predict/${name}${row === null ? "" : `?f=${row}`}`);
  };
  const others = cards.filter(
    ({ name, contract }) => contract === card.contract && name !== card.name,
  );
  return (
    <div className="flex flex-wrap items-end gap-x-8 gap-y-4">
      <NativeSelect
        label="Model"
        value={card.name}
        options={cards.map(({ name }) => ({ value: name, text: name }))}
        onChange={choose}
      />
      <NativeSelect
        label="Version"
        value={version}
        options={card.versions.map(({ version: value, state }) => ({
          value,
          text: `${value}${value === card.default_version ? " (default)" : ""}${state === "ready" ? "" : `, ${state}`}`,
        }))}
        onChange={onVersion}
      />
      {others.length > 0 && (
        <fieldset>
          <legend className="mb-1 text-xs font-medium text-muted">Compare with</legend>
          <div className="flex min-h-9 flex-wrap items-center gap-x-5 gap-y-1">
            {others.map(({ name }) => {
              const chosen = compared.includes(name);
              return (
                <label
                  key={name}
                  htmlFor={`${id}${name}`}
                  className="flex items-center gap-2 text-sm pointer-coarse:min-h-11"
                >
                  <input
                    id={`${id}${name}`}
                    type="checkbox"
                    checked={chosen}
                    disabled={!chosen && compared.length >= MAX_COMPARED}
                    onChange={() =>
                      onCompared(
                        chosen ? compared.filter((other) => other !== name) : [...compared, name],
                      )
                    }
                    className="size-4.5 accent-iris"
                  />
                  {name}
                </label>
              );
            })}
          </div>
        </fieldset>
      )}
    </div>
  );
}
