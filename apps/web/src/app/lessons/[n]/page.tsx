import type { Metadata } from "next";
import { notFound } from "next/navigation";
import Link from "next/link";
import { defaultContract } from "@sepal/schema/contracts/index";
import { LessonView } from "@/components/lessons/lesson-view.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { type Lesson, lessonsFor } from "@/lib/lessons.ts";

interface LessonListProps {
  readonly lessons: readonly Lesson[];
  /** Number of the lesson shown, from 1. */
  readonly current: number;
}

/** Links to every lesson. */
function LessonList({ lessons, current }: LessonListProps) {
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

interface PageProps {
  readonly params: Promise<{ n: string }>;
}

/** Title of this view. */
export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `Lesson ${(await params).n}` };
}

/** One lesson about an error, sent for real. */
export default async function Page({ params }: PageProps) {
  const { n } = await params;
  const lessons = lessonsFor(defaultContract);
  const lesson = /^\d+$/.test(n) ? lessons[Number(n) - 1] : undefined;
  if (lesson === undefined) notFound();
  const number = Number(n);
  return (
    <>
      <PageTitle title={lesson.title}>
        <p>{lesson.story}</p>
      </PageTitle>
      <LessonList lessons={lessons} current={number} />
      <LessonView
        key={number}
        lesson={lesson}
        next={number < lessons.length ? `/lessons/${number + 1}` : null}
      />
    </>
  );
}
