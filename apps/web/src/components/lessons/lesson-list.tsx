"use client";

import Link from "next/link";
import { CheckIcon } from "@/components/icons.tsx";
import { useSolved } from "./lesson-progress.ts";

interface LessonListProps {
  readonly titles: readonly string[];
  /** Number of the lesson shown, from 1. */
  readonly current: number;
}

/** Links to every lesson, and how many are solved. */
export function LessonList({ titles, current }: LessonListProps) {
  const solved = useSolved();
  return (
    <nav aria-label="Lessons" className="mb-8">
      <ol className="flex flex-wrap gap-2">
        {titles.map((title, index) => {
          const number = index + 1;
          return (
            <li key={title}>
              <Link
                href={`/lessons/${number}`}
                prefetch={false}
                aria-current={number === current ? "page" : undefined}
                className="flex h-9 items-center gap-2 rounded-md border border-rule bg-surface px-3 text-sm text-muted pointer-coarse:h-11 hover:border-edge aria-[current=page]:border-iris aria-[current=page]:bg-iris-soft aria-[current=page]:text-ink"
              >
                {solved.has(number) ? (
                  <>
                    <CheckIcon className="size-4 text-leaf" />
                    <span className="sr-only">solved</span>
                  </>
                ) : (
                  <span className="figures font-semibold">{number}</span>
                )}
                {title}
              </Link>
            </li>
          );
        })}
      </ol>
      <p aria-live="polite" className="mt-2 text-sm text-muted">
        {solved.size} of {titles.length} solved
      </p>
    </nav>
  );
}
