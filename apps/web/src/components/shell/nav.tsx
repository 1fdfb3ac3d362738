"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { clsx } from "clsx";
import { useServerStatus } from "./server-status.tsx";

function links(defaultModel: string) {
  return [
    { name: "Predict", href: `/predict/${defaultModel}`, section: "/predict" },
    { name: "Batch", href: "/batch", section: "/batch" },
    { name: "Live", href: "/live", section: "/live" },
    { name: "Lessons", href: "/lessons/1", section: "/lessons" },
    { name: "Load", href: "/load", section: "/load" },
    { name: "API", href: "/api-docs", section: "/api-docs" },
  ];
}

/** Links to every view; the current one is marked. */
export function Nav() {
  const pathname = usePathname();
  const { status } = useServerStatus();
  const named = status !== undefined && "health" in status ? status.health.default_model : null;
  return (
    <nav aria-label="Views" className="-mx-2 overflow-x-auto max-sm:grow">
      <ul className="flex max-sm:justify-between">
        {links(named ?? "default").map(({ name, href, section }) => {
          const here = pathname.startsWith(section);
          return (
            <li key={name}>
              <Link
                href={href}
                prefetch={false}
                aria-current={here ? "page" : undefined}
                className={clsx(
                  "flex min-h-11 items-center rounded-sm px-2 text-[0.9375rem] underline-offset-8 hover:underline max-[24rem]:px-1 max-[24rem]:text-sm sm:px-3",
                  here
                    ? "font-semibold text-ink underline decoration-iris decoration-2"
                    : "text-muted",
                )}
              >
                {name}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
