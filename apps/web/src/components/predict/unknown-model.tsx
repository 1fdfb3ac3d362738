import type { ModelCard } from "@sepal/schema/model-card";
import Link from "next/link";
import { PageTitle } from "@/components/shell/page-title.tsx";

interface UnknownModelProps {
  readonly name: string;
  /** Why a known model cannot be shown; `null` when there is none of that name. */
  readonly reason: string | null;
  readonly cards: readonly ModelCard[];
}

/** Says that a model cannot be shown, and which can. */
export function UnknownModel({ name, reason, cards }: UnknownModelProps) {
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
