import { CodeBlock } from "@/components/code-block.tsx";
import { locate, syntaxFault, type Span } from "@/lib/json-locate.ts";
import type { LessonReply } from "@/lib/send-lesson.ts";

/** Where the answer points in what was sent; nothing when it points nowhere. */
function pointed(text: string, reply: LessonReply): Span[] {
  const spans = reply.detail.flatMap(({ loc }) => locate(text, loc.slice(1)) ?? []);
  if (spans.length > 0 || reply.status !== 400) return spans;
  const fault = syntaxFault(text);
  return fault === null ? [] : [fault.span];
}

/** What was sent, with the places marked that the answer points at. */
export function MarkedJson({
  text,
  reply,
}: {
  readonly text: string;
  readonly reply: LessonReply;
}) {
  const [span] = pointed(text, reply);
  if (span === undefined) return <CodeBlock label="What was sent">{text}</CodeBlock>;
  return (
    <CodeBlock label="What was sent, with the fault marked">
      {text.slice(0, span.start)}
      <mark className="rounded-xs bg-rose-soft px-0.5 font-bold text-rose underline decoration-wavy underline-offset-4">
        {text.slice(span.start, span.end)}
      </mark>
      {text.slice(span.end)}
    </CodeBlock>
  );
}
