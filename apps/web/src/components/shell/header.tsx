import Link from "next/link";
import type { Theme } from "@/lib/theme.ts";
import { Nav } from "./nav.tsx";
import { ServerChip } from "./server-chip.tsx";
import { ThemeToggle } from "./theme-toggle.tsx";
import { Mark } from "./wordmark.tsx";

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
