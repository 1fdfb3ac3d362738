import Link from "next/link";
import type { ReactNode } from "react";
import { defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelCard } from "@sepal/schema/model-card";
import { asList } from "@sepal/schema/row-encoding";
import {
  CallPicture,
  LatencyPicture,
  StartCard,
  WhyPicture,
} from "@/components/start/start-card.tsx";
import { QuickPrediction } from "@/components/start/quick-prediction.tsx";
import { WaitForServer } from "@/components/shell/server-status.tsx";
import { modelQuality } from "@/lib/model-quality.ts";
import { count } from "@/lib/format.ts";
import { type Answers, predictRow } from "@/lib/predictor.ts";
import { modelCards, serverTrpc } from "@/server/api.ts";
import { findContract } from "@/server/contracts.ts";

const STATES: Record<ModelCard["state"], string> = {
  ready: "text-leaf",
  loading: "text-amber",
  unavailable: "text-rose",
};

function QualityText({ card }: { readonly card: ModelCard }) {
  const [first, ...others] = modelQuality(card);
  if (first === undefined) {
    if (card.task === "embedding") return <span className="text-muted">embedding</span>;
    const measure = card.task === "regression" ? "error" : "accuracy";
    return <span className="text-muted">{measure} unknown</span>;
  }
  return (
    <>
      {first.figure} <span className="text-muted">{first.meaning}</span>
      {others.length > 0 && <span className="text-muted"> and {others.length} more</span>}
    </>
  );
}

/** Every model of the server: what it is, how good, and whether it is ready. */
function ModelTable({ cards }: { readonly cards: readonly ModelCard[] }) {
  return (
    <div className="plate divide-y divide-rule">
      {cards.map((card) => (
        <div
          key={card.name}
          className="grid gap-x-6 gap-y-1 px-5 py-4 sm:grid-cols-[minmax(0,1fr)_12rem_9rem]"
        >
          <div className="min-w-0">
            <h3 className="font-medium">
              <Link href={`/predict/${card.name}`} prefetch={false} className="text-link">
                {card.name}
              </Link>
              {card.is_default && <span className="ml-2 text-sm text-muted">default</span>}
            </h3>
            <p className="text-sm text-muted">{card.reason ?? card.description}</p>
          </div>
          <p className="figures text-sm">
            <QualityText card={card} />
          </p>
          <p className="text-sm">
            <span className={STATES[card.state]}>{card.state}</span>
            <span className="text-muted">, version {card.default_version}</span>
          </p>
        </div>
      ))}
    </div>
  );
}

/** What the data are, in a line. */
function dataText({ description, about }: Contract): string {
  const rows = about?.row_count === undefined ? "" : `${count(about.row_count)} rows`;
  const row = about?.row === undefined ? "" : `each ${about.row}`;
  const learnt = [rows, row].filter((part) => part !== "").join(", ");
  return learnt === "" ? description : `${description} Trained on ${learnt}.`;
}

interface StartProps {
  readonly contract: Contract;
  readonly card: ModelCard;
  readonly initial: Answers;
}

/** What Sepal is, and a prediction to play with. */
function Start({ contract, card, initial }: StartProps) {
  return (
    <div className="grid items-start gap-x-10 gap-y-6 pt-2 pb-10 lg:grid-cols-[minmax(0,5fr)_minmax(0,8fr)] lg:pt-6">
      <Hero>
        <p className="mt-4 text-muted">
          <span className="font-medium text-ink">{contract.title}.</span> {dataText(contract)}
        </p>
        <p className="mt-4">
          <Link
            href={`/predict/${card.name}?tab=data`}
            prefetch={false}
            className="text-link inline-flex items-center py-2 pointer-coarse:min-h-11"
          >
            Look at the data
          </Link>
        </p>
      </Hero>
      <QuickPrediction contract={contract} card={card} initial={initial} />
    </div>
  );
}

function Hero({ children }: { readonly children?: ReactNode }) {
  return (
    <div className="max-w-3xl">
      <h1 className="text-4xl leading-[1.08] sm:text-5xl">Typed predictions for tabular data</h1>
      <p className="mt-4 text-lg text-muted">
        Sepal serves tabular ONNX models over tRPC, REST and the Open Inference Protocol, all from
        one contract. This page talks to the server you started.
      </p>
      {children}
    </div>
  );
}

/** Where one starts: a prediction, what to do next, and the models of the server. */
export default async function Page() {
  const cards = await modelCards();
  const card = cards?.find((each) => each.is_default) ?? cards?.[0];
  const known = card && (await findContract(card.contract));
  const contract = known ?? defaultContract;
  const predict = `/predict/${card?.name ?? "default"}`;
  const features = asList(contract, contract.examples[0].features);
  return (
    <>
      {card === undefined || known === undefined ? (
        <div className="pt-2 pb-10 sm:pt-6">
          <Hero />
        </div>
      ) : (
        <Start
          contract={known}
          card={card}
          initial={await predictRow(serverTrpc(), {
            contract: known,
            features,
            targets: [{ model_name: card.name }],
          })}
        />
      )}
      <div className="grid gap-5 lg:grid-cols-3">
        <StartCard
          title="Explore"
          href={predict}
          action="Open the workbench"
          picture={<WhyPicture />}
          more={[
            { href: "/lessons/1", text: "Seven lessons on errors" },
            { href: "/batch", text: "Predict a file of your own" },
          ]}
        >
          Feature contributions, decision boundaries, and where models disagree.
        </StartCard>
        <StartCard
          title="Integrate"
          href="/api-docs"
          action="Read the API"
          picture={<CallPicture contract={contract} />}
          more={[{ href: `${predict}?tab=code`, text: "Code that runs as shown" }]}
        >
          Typed procedures, plain REST and the Open Inference Protocol, all from the same contract.
        </StartCard>
        <StartCard
          title="Operate"
          href="/live"
          action="Watch it live"
          picture={<LatencyPicture />}
          more={[{ href: "/load", text: "Load-test reports" }]}
        >
          Latency percentiles, throughput and errors as they happen, from the server’s own metrics.
        </StartCard>
      </div>
      <section aria-labelledby="models" className="mt-14">
        <h2 id="models" className="mb-4 text-2xl">
          Models
        </h2>
        {cards === null ? (
          <WaitForServer>The models are listed as soon as the server responds.</WaitForServer>
        ) : (
          <ModelTable cards={cards} />
        )}
      </section>
    </>
  );
}
