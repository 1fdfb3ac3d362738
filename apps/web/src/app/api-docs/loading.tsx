import { LoadingPage } from "@/components/shell/loading-page.tsx";

/** Shown while the page is made. */
export default function Loading() {
  return <LoadingPage title="API" />;
}
