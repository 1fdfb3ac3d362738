import type { Metadata } from "next";
import { createLoader } from "nuqs/server";
import { notFound } from "next/navigation";
import type { ModelCard } from "@sepal/schema/model-card";
import { Notices } from "@/components/notices.tsx";
import { Workbench } from "@/components/predict/workbench.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { WaitForServer } from "@/components/shell/server-status.tsx";
import { predictRow } from "@/lib/predictor.ts";
import {
  addressNotices,
  workbenchParsers,
  MAX_COMPARED,
  type SearchParams,
} from "@/lib/workbench-state.ts";
import { modelQuality } from "@/lib/model-quality.ts";
import { modelCards, serverTrpc } from "@/server/api.ts";
import { findContract } from "@/server/contracts.ts";

interface PageProps {
  readonly params: Promise<{ model: string }>;
  readonly searchParams: Promise<SearchParams>;
}

/** Title of this view. */
export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const { model } = await params;
  return { title: model === "default" ? "Predict" : decodeURIComponent(model) };
}

/** The card of a model; of a contract's name, or of `default`, that of the default or else the first model. */
function findCard(cards: readonly ModelCard[], name: string): ModelCard | undefined {
  if (name === "default") return cards.find((card) => card.is_default) ?? cards[0];
  const ofContract = cards.filter(({ contract }) => contract === name);
  return (
    cards.find((card) => card.name === name) ??
    ofContract.find((card) => card.is_default) ??
    ofContract[0]
  );
}

function qualityText(card: ModelCard): string {
  const measured = modelQuality(card).map(
    // The spread is on the start page.
    ({ figure, meaning, method }) => `${figure} ${meaning.replace(/^± \S+ /, "")} (${method})`,
  );
  return measured.join(", ");
}

/** Predictions of one model, with the first prediction rendered on the server. */
export default async function Page({ params, searchParams }: PageProps) {
  const [{ model }, search, cards] = await Promise.all([params, searchParams, modelCards()]);
  const name = decodeURIComponent(model);
  if (cards === null) {
    return (
      <>
        <PageTitle title={name === "default" ? "Predict" : name} />
        <WaitForServer>The model appears as soon as the server responds.</WaitForServer>
      </>
    );
  }
  const card = findCard(cards, name);
  if (card === undefined) notFound();
  const contract = await findContract(card.contract);
  if (contract === undefined) {
    return (
      <>
        <PageTitle title={card.name} />
        <WaitForServer>
          The model appears as soon as the server gives its contract, {card.contract}.
        </WaitForServer>
      </>
    );
  }
  const parsers = workbenchParsers(contract, card, cards);
  const state = createLoader(parsers)(search as Record<string, string | string[] | undefined>);
  const targets = [
    { model_name: card.name, ...(state.v === null ? {} : { model_version: state.v }) },
    ...state.with.slice(0, MAX_COMPARED).map((other) => ({ model_name: other })),
  ];
  const initial = await predictRow(serverTrpc(), { contract, features: state.f, targets });
  return (
    <>
      <Notices notices={addressNotices(parsers, search, { contract, card })} />
      <Workbench
        contract={contract}
        card={card}
        cards={cards}
        initial={initial}
        title={
          <div className="max-w-3xl min-w-0 grow basis-88">
            <h1 className="text-2xl wrap-anywhere">{card.name}</h1>
            <p className="text-[0.8125rem] leading-5 text-muted">
              {[card.description, qualityText(card)].filter((text) => text !== "").join(" ")}
            </p>
          </div>
        }
      />
    </>
  );
}
