import { PageTitle } from "./page-title.tsx";

/** Shown until the server has what a page needs, in the page's own frame. */
export function LoadingPage({ title }: { readonly title: string }) {
  return (
    <div aria-busy="true">
      <PageTitle title={title}>
        <output>Loading.</output>
      </PageTitle>
      <div className="plate h-96 animate-pulse" />
    </div>
  );
}
