import Link from "next/link";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { modelCards } from "@/server/api.ts";

/** What stands at the address of a model that the server does not have: those it has. */
export default async function NotFound() {
  const cards = (await modelCards()) ?? [];
  return (
    <>
      <PageTitle title="No such model here">
        <p>The server has neither a model nor a contract of this name. These models it has:</p>
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
