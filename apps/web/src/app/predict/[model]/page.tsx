import type { Metadata } from "next";
import { createLoader } from "nuqs/server";
import Link from "next/link";
import type { ModelCard } from "@sepal/schema/model-card";
import { Notices } from "@/components/notices.tsx";
import { Explorer } from "@/components/predict/explorer.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { WaitForServer } from "@/components/shell/server-status.tsx";
import { askModels, type Answer } from "@/lib/ask-models.ts";
import { findContract } from "@/lib/contract-client.ts";
import {
  addressNotices,
  explorerParsers,
  MAX_COMPARED,
  type SearchParams,
} from "@/lib/explorer-state.ts";
import { modelCards, serverTrpc } from "@/server/api.ts";

interface UnknownModelProps {
  readonly name: string;
  /** Why a known model cannot be shown; `null` when there is none of that name. */
  readonly reason: string | null;
  readonly cards: readonly ModelCard[];
}

/** Says that a model cannot be shown, and which can. */
function UnknownModel({ name, reason, cards }: UnknownModelProps) {
  return (
    <>
      <PageTitle title="No such model here">
        <p>{reason ?? `The server has no model called “${name}”.`} These it has:</p>
      </PageTitle>
      <ul className="grid max-w-md gap-2">
        {cards.map((card) => (
          <li key={card.name}>
            <Link href={`/predict/${card.name}`} prefetch={false} className="plate block px-4 py-3">
              <span className="font-medium">{card.name}</span>
              <span className="block text-sm text-muted">{card.description}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

interface PageProps {
  readonly params: Promise<{ model: string }>;
  readonly searchParams: Promise<SearchParams>;
}

/** Title of this view. */
export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const { model } = await params;
  return { title: model === "default" ? "Predict" : decodeURIComponent(model) };
}

function findCard(cards: readonly ModelCard[], name: string): ModelCard | undefined {
  return cards.find((card) => (name === "default" ? card.is_default : card.name === name));
}

function accuracyText({ accuracy, family }: ModelCard): string {
  const parts = [family ?? ""];
  if (accuracy !== null)
    parts.push(`${(accuracy.mean * 100).toFixed(1)} % accurate (${accuracy.method})`);
  return parts.filter((part) => part !== "").join(", ");
}

function withoutTiming(answer: Answer): Answer {
  return answer.ok ? { ok: true, result: answer.result, timing: null } : answer;
}

/** Predictions of one model, with the first answer already in the page. */
export default async function Page({ params, searchParams }: PageProps) {
  const [{ model }, search, cards] = await Promise.all([params, searchParams, modelCards()]);
  const name = decodeURIComponent(model);
  if (cards === null) {
    return (
      <>
        <PageTitle title={name === "default" ? "Predict" : name} />
        <WaitForServer>The model appears as soon as the server answers.</WaitForServer>
      </>
    );
  }
  const card = findCard(cards, name);
  const contract = card === undefined ? undefined : findContract(card.contract);
  if (card === undefined || contract === undefined) {
    return <UnknownModel name={name} reason={card?.reason ?? null} cards={cards} />;
  }
  const parsers = explorerParsers(contract, card, cards);
  const state = createLoader(parsers)(search as Record<string, string | string[] | undefined>);
  const targets = [
    { model_name: card.name, ...(state.v === null ? {} : { model_version: state.v }) },
    ...state.with.slice(0, MAX_COMPARED).map((other) => ({ model_name: other })),
  ];
  const { features, answers } = await askModels(serverTrpc(), contract, {
    features: state.f,
    targets,
  });
  // The duration of this call says nothing about the reader's network.
  const initial = answers.map(withoutTiming);
  return (
    <>
      <PageTitle title={card.name}>
        <p>{card.description}</p>
        <p className="mt-1 text-base first-letter:uppercase">{accuracyText(card)}</p>
      </PageTitle>
      <Notices notices={addressNotices(parsers, search, { contract, card })} />
      <Explorer card={card} cards={cards} initial={{ features, answers: initial }} />
    </>
  );
}
