"use client";

import { type ReactNode, useMemo } from "react";
import type { Contract, FeatureInput } from "@sepal/schema/define-contract";
import type { ModelCard } from "@sepal/schema/model-card";
import { usePublicSettings } from "@/components/shell/providers.tsx";
import { agreement } from "@/lib/agreement.ts";
import type { PredictResult } from "@/lib/contract-client.ts";
import { featureFields } from "@/lib/feature-range.ts";
import { confidenceText, headline } from "@/lib/prediction-text.ts";
import type { Answers, Target } from "@/lib/predictor.ts";
import { MAX_COMPARED, workbenchParsers } from "@/lib/workbench-state.ts";
import { useAddress } from "@/lib/use-address.ts";
import { CheckNote } from "./check-note.tsx";
import { ClassMark } from "./class-mark.tsx";
import { FeatureForm } from "./feature-form.tsx";
import { ModelBar } from "./model-bar.tsx";
import { Headline } from "./headline.tsx";
import { PredictionTable } from "./prediction-table.tsx";
import { TimingSplit } from "./timing-split.tsx";
import { usePredictions } from "./use-predictions.ts";
import { ViewTabs } from "./view-tabs.tsx";

interface ResultStripProps {
  readonly contract: Contract;
  readonly result: PredictResult;
}

/** The prediction in one line, in sight while a finger is on a slider of a small screen. */
function ResultStrip({ contract, result }: ResultStripProps) {
  return (
    <div
      aria-hidden="true"
      className="sticky bottom-3 z-10 mt-3 flex items-center gap-2.5 rounded-full border border-rule bg-surface px-5 py-2.5 shadow-lg lg:hidden"
    >
      {"class" in result && <ClassMark index={result.class} className="size-4" />}
      <span className="font-display text-lg font-semibold">{headline(contract, result)}</span>
      <span className="figures ml-auto text-muted">{confidenceText(result)}</span>
    </div>
  );
}

interface WorkbenchProps {
  readonly contract: Contract;
  readonly card: ModelCard;
  readonly cards: readonly ModelCard[];
  /** The predictions that the page came with. */
  readonly initial: Answers;
  /** The heading, beside the choice of models. */
  readonly title: ReactNode;
}

/** One row and everything about its predictions: inputs, what each model predicts, and the views of it. */
export function Workbench({ contract, card, cards, initial, title }: WorkbenchProps) {
  const parsers = useMemo(() => workbenchParsers(contract, card, cards), [contract, card, cards]);
  const [state, change] = useAddress(parsers);
  const fields = useMemo(() => featureFields(contract, card), [contract, card]);
  const { publicApiUrl } = usePublicSettings();
  const { f: features } = state;
  // What a person chooses is a step of its own for "back"; a slider's way is not.
  const choose = (changed: Partial<typeof state>) => change(changed, { history: "push" });
  const setFeatures = (f: FeatureInput[]) => change({ f });

  const version = state.v ?? card.default_version;
  const compared = state.with.slice(0, MAX_COMPARED);
  const models: Target[] = [
    { model_name: card.name, ...(state.v === null ? {} : { model_version: state.v }) },
    ...compared.map((name) => ({ model_name: name })),
  ];
  const shown = usePredictions({ contract, features, targets: models }, initial);
  const first = shown.answers[0];
  const found = models.flatMap(({ model_name: model }, index) => {
    const answer = shown.answers[index];
    return answer?.ok === true ? [{ model, result: answer.result }] : [];
  });
  const { timed } = shown;
  const words = agreement(contract, found);
  const spoken =
    first?.ok === true && !shown.stale
      ? [headline(contract, first.result), confidenceText(first.result) ?? []].flat().join(", ")
      : "";

  return (
    <div data-workbench="" className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-end justify-between gap-x-8 gap-y-2">
        {title}
        <ModelBar
          card={card}
          cards={cards}
          version={version}
          compared={compared}
          onVersion={(v) => choose({ v })}
          onCompared={(names) => choose({ with: names })}
        />
      </div>
      <div className="grid grid-cols-1 items-start gap-3 lg:grid-cols-[21rem_minmax(0,1fr)] 2xl:grid-cols-[24rem_minmax(0,1fr)]">
        <div className="min-w-0 lg:sticky lg:top-3 lg:max-h-[calc(100dvh-1.5rem)] lg:overflow-y-auto">
          <FeatureForm
            contract={contract}
            fields={fields}
            features={features}
            onFeatures={setFeatures}
            onExample={(f) => choose({ f })}
          />
          {first?.ok === true && <ResultStrip contract={contract} result={first.result} />}
        </div>
        <div className="grid min-w-0 grid-cols-1 gap-3">
          <section
            aria-label="Result"
            className="plate grid grid-cols-1 gap-x-6 gap-y-3 p-4 sm:grid-cols-[auto_minmax(0,1fr)] xl:grid-cols-[minmax(10rem,auto)_minmax(0,1fr)_12.5rem]"
          >
            <output className="sr-only">{spoken}</output>
            <div className="flex items-center gap-3 xl:flex-col xl:items-start xl:gap-1.5">
              <Headline
                contract={contract}
                fields={fields}
                features={shown.features}
                answer={first}
                size="size-16"
              />
            </div>
            <div className="order-last col-span-full min-w-0 overflow-x-auto xl:order-none xl:col-span-1">
              <PredictionTable
                contract={contract}
                models={models}
                answers={shown.answers}
                stale={shown.stale}
                onRetry={shown.retry}
              />
              {words !== "" && <p className="mt-1.5 text-[0.8125rem] text-muted">{words}</p>}
              <CheckNote check={shown.check} />
            </div>
            {timed !== undefined && (
              <TimingSplit timing={timed.timing} processingMs={timed.result.processing_time_ms} />
            )}
          </section>
          <ViewTabs
            contract={contract}
            card={card}
            cards={cards}
            fields={fields}
            features={features}
            models={models}
            state={state}
            publicApiUrl={publicApiUrl}
            onFeatures={setFeatures}
            onChoice={choose}
          />
        </div>
      </div>
    </div>
  );
}
