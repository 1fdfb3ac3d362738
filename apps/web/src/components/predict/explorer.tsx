"use client";

import type { ModelCard } from "@sepal/schema/model-card";
import dynamic from "next/dynamic";
import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { usePublicSettings } from "@/components/shell/public-settings.tsx";
import type { Answers, Target } from "@/lib/ask-models.ts";
import { cn } from "@/lib/cn.ts";
import { findContract } from "@/lib/contract-client.ts";
import { explorerParsers, MAX_COMPARED } from "@/lib/explorer-state.ts";
import { featureFields } from "@/lib/feature-range.ts";
import { DecisionSection } from "./decision-section.tsx";
import { FeatureForm, isLongForm } from "./feature-form.tsx";
import { ModelBar } from "./model-bar.tsx";
import { percent } from "./probability-bars.tsx";
import { ResultPanel } from "./result-panel.tsx";
import { ResultStrip } from "./result-strip.tsx";
import { SnippetsSection } from "./snippets-section.tsx";
import { usePredictions } from "./use-predictions.ts";
import { WhatIfSection } from "./what-if-section.tsx";

/** Far below what one sees first, and computed by the server after it. */
const ContributionsSection = dynamic(
  async () => (await import("./contributions-section.tsx")).ContributionsSection,
  { ssr: false },
);

interface ExplorerProps {
  readonly card: ModelCard;
  readonly cards: readonly ModelCard[];
  /** The answers the page came with. */
  readonly initial: Answers;
}

/** Everything one can do with one model's predictions. */
export function Explorer({ card, cards, initial }: ExplorerProps) {
  const contract = findContract(card.contract);
  if (contract === undefined) throw new Error(`unknown contract ${card.contract}`);
  const parsers = useMemo(() => explorerParsers(contract, card, cards), [contract, card, cards]);
  const [state, setState] = useQueryStates(parsers, { history: "replace" });
  const fields = useMemo(() => featureFields(contract, card), [contract, card]);
  const { publicApiUrl } = usePublicSettings();
  const { f: features } = state;
  const setFeatures = (f: number[]) => void setState({ f });

  const primary: Target = {
    model_name: card.name,
    ...(state.v === null ? {} : { model_version: state.v }),
  };
  const version = state.v ?? card.default_version;
  const explained = card.versions.find((each) => each.version === version);
  const compared = state.with.slice(0, MAX_COMPARED);
  const targets = [primary, ...compared.map((name) => ({ model_name: name }))];
  const shown = usePredictions({ contract, features, targets }, initial);
  const places = (name: string) =>
    Math.max(
      0,
      fields.findIndex((field) => field.name === name),
    );
  const [x, y] = [places(state.x), places(state.y)];
  // The same object while nothing about the axes changes: the plots redraw only then.
  const axes = useMemo(() => {
    const [fieldX, fieldY] = [fields[x], fields[y]];
    return fieldX === undefined || fieldY === undefined ? null : { x, y, fieldX, fieldY };
  }, [fields, x, y]);
  const first = shown.answers[0];
  const spoken =
    first?.ok === true && !shown.stale
      ? `${first.result.label}, ${percent(first.result.confidence)}`
      : "";

  return (
    <div className="grid grid-cols-1 gap-14">
      <div>
        <ModelBar
          card={card}
          cards={cards}
          version={version}
          compared={compared}
          onVersion={(v) => void setState({ v })}
          onCompared={(names) => void setState({ with: names })}
        />
        <div
          className={cn(
            "mt-5 grid grid-cols-1 items-start gap-5",
            isLongForm(fields)
              ? "lg:grid-cols-[minmax(0,7fr)_minmax(20rem,5fr)]"
              : "lg:grid-cols-[minmax(20rem,5fr)_minmax(0,7fr)]",
          )}
        >
          <div className="min-w-0">
            <FeatureForm
              contract={contract}
              fields={fields}
              features={features}
              onFeatures={setFeatures}
            />
            {first?.ok === true && <ResultStrip result={first.result} />}
          </div>
          <section aria-label="Result" className="grid grid-cols-1 gap-5 lg:sticky lg:top-6">
            <output className="sr-only">{spoken}</output>
            {targets.map((target, index) => {
              const answer = shown.answers[index];
              return (
                answer !== undefined && (
                  <ResultPanel
                    key={target.model_name}
                    model={target.model_name}
                    classes={contract.classes}
                    fields={fields}
                    features={shown.features}
                    answer={answer}
                    stale={shown.stale}
                    compact={targets.length > 1}
                    onRetry={shown.retry}
                  />
                )
              );
            })}
          </section>
        </div>
      </div>
      {axes !== null && (
        <DecisionSection
          contract={contract}
          fields={fields}
          features={features}
          targets={targets}
          axes={axes}
          onAxes={(chosen) => void setState(chosen)}
          onFeatures={setFeatures}
        />
      )}
      <WhatIfSection contract={contract} fields={fields} features={features} target={primary} />
      {explained?.explain.offered === true && (
        <ContributionsSection
          contract={contract}
          fields={fields}
          features={features}
          target={primary}
        />
      )}
      <SnippetsSection
        call={{ apiUrl: publicApiUrl, contract: contract.name, request: { features, ...primary } }}
        language={state.code}
        onLanguage={(code) => void setState({ code })}
      />
    </div>
  );
}
