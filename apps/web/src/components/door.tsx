import Link from "next/link";
import type { ReactNode } from "react";
import { ArrowIcon } from "./icons.tsx";

interface DoorProps {
  readonly title: string;
  readonly href: string;
  readonly action: string;
  readonly picture: ReactNode;
  readonly children: ReactNode;
  /** Further ways, less often taken. */
  readonly more: readonly { readonly href: string; readonly text: string }[];
}

/** One of the ways into the playground. */
export function Door({ title, href, action, picture, children, more }: DoorProps) {
  return (
    <article className="plate flex flex-col overflow-hidden">
      <div className="grid h-36 place-items-center border-b border-rule bg-sunken px-5">
        {picture}
      </div>
      <div className="flex grow flex-col p-5 sm:p-6">
        <h2 className="text-2xl">{title}</h2>
        <div className="mt-2 grow text-muted">{children}</div>
        <p className="mt-5">
          <Link
            href={href}
            prefetch={false}
            className="text-link inline-flex items-center gap-2 font-medium"
          >
            {action}
            <ArrowIcon className="size-4" />
          </Link>
        </p>
        <ul className="mt-2 flex flex-wrap gap-x-5 text-sm">
          {more.map(({ href: to, text }) => (
            <li key={to}>
              <Link href={to} prefetch={false} className="inline-block py-1 text-muted underline">
                {text}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </article>
  );
}
