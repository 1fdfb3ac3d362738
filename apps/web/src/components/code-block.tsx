import type { ReactNode } from "react";
import { clsx } from "clsx";

interface CodeBlockProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly wrap?: boolean;
  readonly className?: string;
}

/** Code or data as it is; keyboards can scroll it. */
export function CodeBlock({ label, children, wrap = false, className }: CodeBlockProps) {
  const scrollable = { tabIndex: 0 };
  return (
    <section
      aria-label={label}
      {...scrollable}
      className={clsx("overflow-x-auto p-4 focus-visible:-outline-offset-2", className)}
    >
      <pre
        className={clsx(
          "text-[0.8125rem] leading-relaxed",
          wrap && "break-words whitespace-pre-wrap",
        )}
      >
        <code className="text-[length:inherit]">{children}</code>
      </pre>
    </section>
  );
}
