"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Lesson } from "@/lib/lessons.ts";
import { type Face, FACES, type LessonReply, sendLesson } from "@/lib/send-lesson.ts";
import { CodeBlock } from "@/components/code-block.tsx";
import { Tabs } from "@/components/ui/tabs.tsx";
import { locate, syntaxFault, type Span } from "@/lib/json-locate.ts";

const TITLES: Record<Face, string> = { fastapi: "FastAPI", problem: "RFC 9457", trpc: "tRPC" };

interface FaceBodyProps {
  readonly face: Face;
  readonly text: string;
  readonly route: Lesson["route"];
  /** The response that is already there, in FastAPI's format. */
  readonly known: LessonReply;
}

function FaceBody({ face, text, route, known }: FaceBodyProps) {
  const { data, isError } = useQuery({
    queryKey: ["lesson-face", face, route.rest, text.length, text.slice(0, 500)],
    queryFn: () => sendLesson(text, route, face),
    initialData: face === "fastapi" ? known : undefined,
    staleTime: Infinity,
  });
  if (isError) return <p className="p-4 text-muted">No response.</p>;
  if (data === undefined) return <p className="p-4 text-muted">Loading.</p>;
  return (
    <>
      <p className="border-b border-rule px-4 py-2 font-mono text-xs text-muted">
        {data.status} · {data.contentType}
      </p>
      <CodeBlock label={`Response in ${TITLES[face]} format`} wrap>
        {data.text}
      </CodeBlock>
    </>
  );
}

/** The same error in every format of the server; each is requested when its tab opens. */
function ErrorFaces({ text, route, known }: Omit<FaceBodyProps, "face">) {
  const [face, setFace] = useState<Face>("fastapi");
  return (
    <Tabs label="Error format" names={FACES} titles={TITLES} value={face} onChange={setFace}>
      {(name) => <FaceBody face={name} text={text} route={route} known={known} />}
    </Tabs>
  );
}

/** The part of the request body that the response points at; empty when it points nowhere. */
function pointed(text: string, reply: LessonReply): Span[] {
  const spans = reply.detail.flatMap(({ loc }) => locate(text, loc.slice(1)) ?? []);
  if (spans.length > 0 || reply.status !== 400) return spans;
  const fault = syntaxFault(text);
  return fault === null ? [] : [fault];
}

/** The request body with the part marked that the response points at. */
function MarkedJson({ text, reply }: { readonly text: string; readonly reply: LessonReply }) {
  const [span] = pointed(text, reply);
  if (span === undefined) return <CodeBlock label="Request body">{text}</CodeBlock>;
  return (
    <CodeBlock label="Request body, with the fault marked">
      {text.slice(0, span.start)}
      <mark className="rounded-xs bg-rose-soft px-0.5 font-bold text-rose underline decoration-wavy underline-offset-4">
        {text.slice(span.start, span.end)}
      </mark>
      {text.slice(span.end)}
    </CodeBlock>
  );
}

/** A request that was rejected, and the status that the reader expected. */
export interface Sent {
  readonly text: string;
  readonly reply: LessonReply;
  readonly guess: number | null;
}

interface VerdictProps {
  readonly lesson: Lesson;
  readonly sent: Sent;
}

/** The response, the place it points at, what to learn, and the same error in its other formats. */
export function Verdict({ lesson, sent }: VerdictProps) {
  const { text, reply, guess } = sent;
  return (
    <div className="grid grid-cols-1 gap-5">
      <div role="alert">
        <p className="flex items-baseline gap-3">
          <span className="figures font-display text-5xl font-semibold">{reply.status}</span>
          <span className="text-muted">
            {guess === reply.status ? "as you guessed" : `you guessed ${guess}`}
          </span>
        </p>
        {reply.detail.map(({ loc, msg, type }) => (
          <p key={`${loc.join(".")} ${type}`} className="mt-2">
            {msg}{" "}
            <span className="text-muted">
              at <code className="text-ink">{loc.join(" → ")}</code>, rule{" "}
              <code className="text-ink">{type}</code>
            </span>
          </p>
        ))}
      </div>
      {text.length < 2000 && (
        <div className="plate overflow-hidden">
          <MarkedJson text={text} reply={reply} />
        </div>
      )}
      <p className="border-l-2 border-leaf pl-4">{lesson.moral}</p>
      <div>
        <h2 className="mb-3 text-xl">The same error in three formats</h2>
        <ErrorFaces text={text} route={lesson.route} known={reply} />
      </div>
    </div>
  );
}
