"use client";

import type { ModelCard } from "@sepal/schema/model-card";
import { useEffect, useId } from "react";
import { Button } from "@/components/ui/button.tsx";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import type { BatchChoice } from "@/lib/batch/address.ts";
import type { BatchCommand, BatchState } from "@/lib/batch/protocol.ts";
import { askForKey } from "@/lib/credentials.ts";
import { ClassShares } from "./class-shares.tsx";
import { RunFigures } from "./run-figures.tsx";
import { RunTrouble } from "./run-trouble.tsx";

interface RunPanelProps {
  readonly cards: readonly ModelCard[];
  readonly choice: BatchChoice;
  readonly state: BatchState;
  readonly tell: (command: BatchCommand) => void;
  readonly onChoice: (model: string, version: string | null) => void;
}

function startText({ run, rows, badRows, answered }: BatchState, goesOn: boolean): string {
  if (goesOn && answered < rows - badRows) return "Go on";
  return run === null ? "Predict" : "Predict again";
}

/** The model that answers, the start of the run and how far it is. */
export function RunPanel({ cards, choice, state, tell, onChoice }: RunPanelProps) {
  const id = useId();
  const { card, version } = choice;
  const { run, mapping } = state;
  const active = run?.phase === "running" || run?.phase === "waiting";
  const goesOn =
    (run?.phase === "cancelled" || run?.phase === "failed") &&
    run.target.model === card.name &&
    run.target.version === version;
  const ready =
    state.phase === "ready" &&
    state.rows > state.badRows &&
    mapping.every((column) => column !== null);
  const refused = run?.phase === "failed" && run.failure?.kind === "unauthorized";
  useEffect(() => {
    if (refused) askForKey();
  }, [refused]);
  const start = () => tell({ type: "start", target: { model: card.name, version } });
  return (
    <section aria-labelledby={`${id}title`} className="plate h-full p-5 sm:p-6">
      <h2 id={`${id}title`} className="text-2xl">
        Predictions
      </h2>
      <div className="mt-4 flex flex-wrap items-end gap-x-4 gap-y-3">
        <NativeSelect
          label="Model"
          value={card.name}
          options={cards.map(({ name, state: modelState }) => ({
            value: name,
            text: modelState === "ready" ? name : `${name}, ${modelState}`,
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
        {active ? (
          <Button variant="danger" className="h-9!" onClick={() => tell({ type: "cancel" })}>
            Cancel
          </Button>
        ) : (
          <Button variant="primary" className="h-9!" disabled={!ready} onClick={start}>
            {startText(state, goesOn)}
          </Button>
        )}
      </div>
      <RunFigures state={state} />
      {state.answered > 0 && <ClassShares classes={card.classes} byClass={state.byClass} />}
      {run !== null && <RunTrouble run={run} />}
    </section>
  );
}
