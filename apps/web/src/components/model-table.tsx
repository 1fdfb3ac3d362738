import type { ModelCard } from "@sepal/schema/model-card";
import Link from "next/link";

const STATES: Record<ModelCard["state"], string> = {
  ready: "text-leaf",
  loading: "text-amber",
  unavailable: "text-rose",
};

/** Every model of the server: what it is, how good, and whether it answers. */
export function ModelTable({ cards }: { readonly cards: readonly ModelCard[] }) {
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
