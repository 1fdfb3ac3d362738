import type { Metadata } from "next";
import { PageTitle } from "@/components/shell/page-title.tsx";

/** Title of this view. */
export const metadata: Metadata = { title: "Batch" };

/** The view at `/batch`. */
export default function Page() {
  return <PageTitle title="Batch" />;
}
