import Link from "next/link";
import { defaultContract } from "@sepal/schema/contracts/index";
import type { ModelCard } from "@sepal/schema/model-card";
import { BloomRow, CallPicture, Door, LatencyPicture } from "@/components/door.tsx";
import { WaitForServer } from "@/components/shell/server-status.tsx";
import { findContract } from "@/lib/contract-client.ts";
import { modelCards } from "@/server/api.ts";

const STATES: Record<ModelCard["state"], string> = {
  ready: "text-leaf",
  loading: "text-amber",
  unavailable: "text-rose",
};

/** Every model of the server: what it is, how good, and whether it answers. */
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
            {card.accuracy === null ? (
              <span className="text-muted">accuracy unknown</span>
            ) : (
              <>
                {(card.accuracy.mean * 100).toFixed(1)} %{" "}
                <span className="text-muted">
                  ± {(card.accuracy.std * 100).toFixed(1)} accurate
                </span>
              </>
            )}
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

/** Where one starts: the state of the models, and three ways in. */
export default async function Page() {
  const cards = await modelCards();
  const card = cards?.find((each) => each.is_default);
  const contract = findContract(card?.contract ?? "") ?? defaultContract;
  const predict = `/predict/${card?.name ?? "default"}`;
  return (
    <>
      <div className="max-w-3xl pt-2 pb-10 sm:pt-6">
        <h1 className="text-4xl leading-[1.08] sm:text-[3.5rem]">
          A model you can ask, break and time.
        </h1>
        <p className="mt-4 max-w-2xl text-lg text-muted">
          Sepal serves tabular classifiers from one contract. Everything on these pages talks to the
          server you just started.
        </p>
      </div>
      <div className="grid gap-5 lg:grid-cols-3">
        <Door
          title="Explore"
          href={predict}
          action="Make a prediction"
          picture={card === undefined ? null : <BloomRow contract={contract} card={card} />}
          more={[
            { href: "/lessons/1", text: "Seven lessons on errors" },
            { href: "/batch", text: "A whole file" },
          ]}
        >
          Move a slider and see the answer change, where the borders run, and where models disagree.
        </Door>
        <Door
          title="Integrate"
          href="/api-docs"
          action="Read the API"
          picture={<CallPicture contract={contract} />}
          more={[{ href: `${predict}#snippets`, text: "Snippets that run as shown" }]}
        >
          Typed procedures, plain REST and the Open Inference Protocol, all from the same contract.
        </Door>
        <Door
          title="Measure"
          href="/live"
          action="Watch it live"
          picture={<LatencyPicture />}
          more={[{ href: "/load", text: "Load-test reports" }]}
        >
          Latency percentiles, throughput and errors as they happen, from the server’s own metrics.
        </Door>
      </div>
      <section aria-labelledby="models" className="mt-14">
        <h2 id="models" className="mb-4 text-2xl">
          Models
        </h2>
        {cards === null ? (
          <WaitForServer>The models are listed as soon as the server answers.</WaitForServer>
        ) : (
          <ModelTable cards={cards} />
        )}
      </section>
    </>
  );
}
