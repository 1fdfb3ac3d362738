import type { Lesson } from "@/lib/lessons.ts";
import type { LessonReply } from "@/lib/send-lesson.ts";
import { ErrorFaces } from "./error-faces.tsx";
import { MarkedJson } from "./marked-json.tsx";

interface VerdictProps {
  readonly lesson: Lesson;
  readonly guess: number | null;
  readonly sent: { readonly text: string; readonly reply: LessonReply };
}

/** What the server said, where it points, what to learn, and the same error in its other forms. */
export function Verdict({ lesson, guess, sent }: VerdictProps) {
  const { text, reply } = sent;
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
        <h2 className="mb-3 text-xl">The same error in other forms</h2>
        <ErrorFaces text={text} route={lesson.route} known={reply} />
      </div>
    </div>
  );
}
