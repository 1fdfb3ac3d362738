"use client";

import dynamic from "next/dynamic";
import { useQueryStates } from "nuqs";
import { useEffect, useMemo, useRef, useState } from "react";
import { clsx } from "clsx";
import type { ModelCard } from "@sepal/schema/model-card";
import type { Contract } from "@sepal/schema/define-contract";
import { usePublicSettings } from "@/components/shell/providers.tsx";
import { type Answers, askModels, type Target } from "@/lib/ask-models.ts";
import { findContract, type PredictResult } from "@/lib/contract-client.ts";
import { explorerParsers, MAX_COMPARED } from "@/lib/explorer-state.ts";
import { featureFields } from "@/lib/feature-range.ts";
import { useServerStatus } from "@/components/shell/server-status.tsx";
import { askForKey, useCredentials } from "@/lib/credentials.ts";
import { LatestWins } from "@/lib/latest-wins.ts";
import { batchedTrpc, trpc } from "@/lib/trpc.ts";
import { DecisionSection } from "./decision-section.tsx";
import { FeatureForm, isLongForm } from "./feature-form.tsx";
import { ModelBar } from "./model-bar.tsx";
import { percent } from "./probability-bars.tsx";
import { ResultPanel } from "./result-panel.tsx";
import { SnippetsSection } from "./snippets-section.tsx";
import { WhatIfSection } from "./what-if-section.tsx";
import { ClassMark } from "./class-mark.tsx";

/** The answer in one line, in sight while a finger is on a slider of a small screen. */
function ResultStrip({ result }: { readonly result: PredictResult }) {
  return (
    <div
      aria-hidden="true"
      className="sticky bottom-3 z-10 mt-3 flex items-center gap-2.5 rounded-full border border-rule bg-surface px-5 py-2.5 shadow-lg lg:hidden"
    >
      <ClassMark index={result.class} className="size-4" />
      <span className="font-display text-lg font-semibold">{result.label}</span>
      <span className="figures ml-auto text-muted">{percent(result.confidence)}</span>
    </div>
  );
}

interface Question {
  readonly contract: Contract;
  readonly features: readonly number[];
  readonly targets: readonly Target[];
}

function ask({ contract, ...question }: Question, signal: AbortSignal): Promise<Answers> {
  // Several models are asked in one request, a single one by the server's fastest lane.
  const client = question.targets.length > 1 ? batchedTrpc : trpc;
  return askModels(client, contract, question, signal);
}

function wantsKey({ answers }: Answers): boolean {
  return answers.some((answer) => !answer.ok && answer.failure.status === 401);
}

/**
 * The models' answers about a row, kept up to date as the row changes; `initial` are those the page
 * came with. `stale` says that the answers are about an earlier row or a server that was away.
 */
function usePredictions(
  { contract, features, targets }: Question,
  initial: Answers,
): Answers & { readonly stale: boolean; readonly retry: () => void } {
  const [shown, setShown] = useState(initial);
  const lane = useRef<LatestWins<Question, Answers>>(null);
  const { apiKey } = useCredentials();
  const { status } = useServerStatus();
  const [attempt, setAttempt] = useState(0);
  const row = features.join();
  const asked = `${targets.map((target) => `${target.model_name}@${target.model_version ?? ""}`).join()} ${apiKey ?? ""} ${attempt}`;
  const askedBefore = useRef(asked);
  const rowBefore = useRef(row);

  // The page itself was made without a reader's key.
  const wanted = wantsKey(initial);
  useEffect(() => {
    if (wanted) askForKey();
  }, [wanted]);

  useEffect(() => {
    const created = new LatestWins<Question, Answers>(ask, (answers) => {
      setShown(answers);
      if (wantsKey(answers)) askForKey();
    });
    lane.current = created;
    return () => created.restart();
  }, []);

  useEffect(() => {
    if (asked === askedBefore.current && row === rowBefore.current) return;
    if (asked !== askedBefore.current) lane.current?.restart();
    askedBefore.current = asked;
    rowBefore.current = row;
    lane.current?.submit({ contract, features, targets });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `asked` and `row` stand for the lists, new objects at every render
  }, [asked, row]);

  // What was answered stays while the server is away; once it is back, it is asked again.
  const state = status?.state;
  const stateBefore = useRef(state);
  useEffect(() => {
    const returned = state === "ready" && stateBefore.current !== "ready";
    stateBefore.current = state;
    if (returned) setAttempt((count) => count + 1);
  }, [state]);

  const stale = shown.features.join() !== row || (state !== undefined && state !== "ready");
  return { ...shown, stale, retry: () => setAttempt((count) => count + 1) };
}

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
          className={clsx(
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
