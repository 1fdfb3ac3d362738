import Link from "next/link";
import type { Lesson } from "@/lib/lessons.ts";

interface LessonListProps {
  readonly lessons: readonly Lesson[];
  /** Number of the lesson shown, from 1. */
  readonly current: number;
}

/** Links to every lesson. */
export function LessonList({ lessons, current }: LessonListProps) {
  return (
    <nav aria-label="Lessons" className="mb-8">
      <ol className="flex flex-wrap gap-2">
        {lessons.map(({ title }, index) => (
          <li key={title}>
            <Link
              href={`/lessons/${index + 1}`}
              prefetch={false}
              aria-current={index + 1 === current ? "page" : undefined}
              className="flex h-9 items-center gap-2 rounded-md border border-rule bg-surface px-3 text-sm text-muted hover:border-edge aria-[current=page]:border-iris aria-[current=page]:bg-iris-soft aria-[current=page]:text-ink"
            >
              <span className="figures font-semibold">{index + 1}</span>
              {title}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}
