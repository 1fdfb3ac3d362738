"use client";

import { Button } from "@/components/ui/button.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";

interface ErrorProps {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}

/** Shown instead of a page that failed. */
export default function ErrorPage({ error, reset }: ErrorProps) {
  return (
    <>
      <PageTitle title="This page could not be shown">
        <p>
          {error.digest === undefined
            ? error.message
            : `The cause is in the playground’s log, digest ${error.digest}.`}
        </p>
      </PageTitle>
      <Button onClick={reset}>Try again</Button>
    </>
  );
}
