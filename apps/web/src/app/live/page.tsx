import type { Metadata } from "next";
import { LiveView } from "@/components/live/live-view.tsx";
import { Notices } from "@/components/notices.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { liveNotices } from "@/lib/live/address.ts";
import { modelCards } from "@/server/api.ts";

/** Title of this view. */
export const metadata: Metadata = { title: "Live" };

interface PageProps {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** The view at `/live`. */
export default async function Page({ searchParams }: PageProps) {
  const [search, cards] = await Promise.all([searchParams, modelCards()]);
  return (
    <>
      <PageTitle title="Live">
        <p>
          Current latency and throughput, from the counters of the server at <code>/metrics</code>,
          read once a second.
        </p>
      </PageTitle>
      <Notices notices={liveNotices(search)} />
      <LiveView initialCards={cards} />
    </>
  );
}
