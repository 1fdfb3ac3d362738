import type { Metadata } from "next";
import { BatchView } from "@/components/batch/batch-view.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { WaitForServer } from "@/components/shell/server-status.tsx";
import { modelCards } from "@/server/api.ts";

/** Title of this view. */
export const metadata: Metadata = { title: "Batch" };

/** The view at `/batch`. */
export default async function Page() {
  const cards = await modelCards();
  return (
    <>
      <PageTitle title="Batch">
        <p>
          Predict every row of a table. It is read and checked in this tab; only good rows travel to
          the server, two thousand at a time.
        </p>
      </PageTitle>
      {cards === null || cards.length === 0 ? (
        <WaitForServer>The models appear as soon as the server answers.</WaitForServer>
      ) : (
        <BatchView cards={cards} />
      )}
    </>
  );
}
