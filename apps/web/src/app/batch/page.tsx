import type { Metadata } from "next";
import { createLoader } from "nuqs/server";
import { BatchView } from "@/components/batch/batch-view.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { WaitForServer } from "@/components/shell/server-status.tsx";
import { batchChoice, batchParsers } from "@/lib/batch/address.ts";
import { modelCards } from "@/server/api.ts";
import { findContract } from "@/server/contracts.ts";

/** Title of this view. */
export const metadata: Metadata = { title: "Batch" };

interface PageProps {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** The view at `/batch`. */
export default async function Page({ searchParams }: PageProps) {
  const [search, cards] = await Promise.all([searchParams, modelCards()]);
  const choice = batchChoice(cards ?? [], createLoader(batchParsers)(search));
  const contract = choice === undefined ? undefined : await findContract(choice.card.contract);
  return (
    <>
      <PageTitle title="Batch">
        <p>
          Predict every row of a table. It is read and checked in this tab; only good rows travel to
          the server, two thousand at a time.
        </p>
      </PageTitle>
      {cards === null || cards.length === 0 ? (
        <WaitForServer>The models appear as soon as the server responds.</WaitForServer>
      ) : (
        <BatchView cards={cards} initial={contract ?? null} />
      )}
    </>
  );
}
