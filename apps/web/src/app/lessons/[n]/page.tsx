import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { defaultContract } from "@sepal/schema/contracts/index";
import { LessonList } from "@/components/lessons/lesson-list.tsx";
import { LessonView } from "@/components/lessons/lesson-view.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { lessonsFor } from "@/lib/lessons.ts";

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
  const lessons = lessonsFor(defaultContract.examples[0].features);
  const lesson = /^\d+$/.test(n) ? lessons[Number(n) - 1] : undefined;
  if (lesson === undefined) notFound();
  const number = Number(n);
  return (
    <>
      <PageTitle title={lesson.title}>
        <p>{lesson.story}</p>
      </PageTitle>
      <LessonList titles={lessons.map(({ title }) => title)} current={number} />
      <LessonView
        key={number}
        lesson={lesson}
        number={number}
        next={number < lessons.length ? `/lessons/${number + 1}` : null}
      />
    </>
  );
}
