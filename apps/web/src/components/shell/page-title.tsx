import type { ReactNode } from "react";

interface PageTitleProps {
  readonly title: string;
  /** What one does here, in a sentence or two. */
  readonly children?: ReactNode;
}

/** The heading of a view. */
export function PageTitle({ title, children }: PageTitleProps) {
  return (
    <div className="mb-8 max-w-3xl">
      <h1 className="text-3xl sm:text-4xl">{title}</h1>
      {children !== undefined && <div className="mt-3 text-lg text-muted">{children}</div>}
    </div>
  );
}
