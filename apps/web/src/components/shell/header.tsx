import Link from "next/link";
import type { Theme } from "@/lib/theme.ts";
import { Nav } from "./nav.tsx";
import { ServerChip } from "./server-status.tsx";
import { ThemeToggle } from "./theme-toggle.tsx";

/** Sepal's mark: three sepals around three petals. */
function Mark({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="-16 -16 32 32" aria-hidden="true" className={className}>
      {[0, 120, 240].map((angle) => (
        <path
          key={angle}
          transform={`rotate(${angle + 60})`}
          d="M0 0C4.6-3.4 4.2-9.4 0-13.4C-4.2-9.4-4.6-3.4 0 0Z"
          className="fill-leaf"
        />
      ))}
      {[0, 120, 240].map((angle) => (
        <path
          key={angle}
          transform={`rotate(${angle})`}
          d="M0 1C6.4-3.6 5.6-10.8 0-15.2C-5.6-10.8-6.4-3.6 0 1Z"
          className="fill-iris stroke-paper"
          strokeWidth="1.2"
        />
      ))}
    </svg>
  );
}

/** Name, views, server state and colours. */
export function Header({ theme }: { readonly theme: Theme }) {
  return (
    <header className="border-b border-rule bg-surface">
      <div className="page flex flex-wrap items-center gap-x-6 md:flex-nowrap">
        <Link
          href="/"
          prefetch={false}
          className="flex items-center gap-2 py-3 font-display text-xl font-semibold tracking-tight"
        >
          <Mark className="size-7" />
          Sepal
        </Link>
        <div className="order-last w-full pb-1 md:order-none md:w-auto md:grow md:pb-0">
          <Nav />
        </div>
        <div className="ml-auto flex items-center gap-3">
          <ServerChip />
          <ThemeToggle initial={theme} />
        </div>
      </div>
    </header>
  );
}
