"use client";

import { Tabs } from "@base-ui/react/tabs";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { CodeBlock } from "@/components/code-block.tsx";
import type { Lesson } from "@/lib/lessons.ts";
import { FACES, sendLesson, type Face, type LessonReply } from "@/lib/send-lesson.ts";

const TITLES: Record<Face, string> = { fastapi: "FastAPI", problem: "RFC 9457", trpc: "tRPC" };

interface FaceBodyProps {
  readonly face: Face;
  readonly text: string;
  readonly route: Lesson["route"];
  /** The answer that is already there, in FastAPI's form. */
  readonly known: LessonReply;
}

function FaceBody({ face, text, route, known }: FaceBodyProps) {
  const { data, isError } = useQuery({
    queryKey: ["lesson-face", face, route.rest, text.length, text.slice(0, 500)],
    queryFn: () => sendLesson(text, route, face),
    initialData: face === "fastapi" ? known : undefined,
    staleTime: Infinity,
  });
  if (isError) return <p className="p-4 text-muted">No answer came.</p>;
  if (data === undefined) return <p className="p-4 text-muted">Asking the server.</p>;
  return (
    <>
      <p className="border-b border-rule px-4 py-2 font-mono text-xs text-muted">
        {data.status} · {data.contentType}
      </p>
      <CodeBlock label={`Answer in ${TITLES[face]} form`} wrap>
        {data.text}
      </CodeBlock>
    </>
  );
}

/** The same error in every form the server speaks; each is asked for when it is looked at. */
export function ErrorFaces({ text, route, known }: Omit<FaceBodyProps, "face">) {
  const [face, setFace] = useState<Face>("fastapi");
  return (
    <Tabs.Root
      value={face}
      onValueChange={(value: Face) => setFace(value)}
      className="plate overflow-hidden"
    >
      <Tabs.List aria-label="Form of the error" className="flex border-b border-rule">
        {FACES.map((name) => (
          <Tabs.Tab
            key={name}
            value={name}
            className="border-b-2 border-transparent px-4 py-3 text-sm text-muted focus-visible:-outline-offset-2 data-active:border-iris data-active:font-semibold data-active:text-ink"
          >
            {TITLES[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {FACES.map((name) => (
        <Tabs.Panel key={name} value={name}>
          <FaceBody face={name} text={text} route={route} known={known} />
        </Tabs.Panel>
      ))}
    </Tabs.Root>
  );
}
