import type { Metadata } from "next";
import { PageTitle } from "@/components/shell/page-title.tsx";

/** Title of this view. */
export const metadata: Metadata = { title: "Live" };

/** The view at `/live`. */
export default function Page() {
  return <PageTitle title="Live" />;
}
