import { useId } from "react";
import type { Lesson } from "@/lib/lessons.ts";

interface RequestEditorProps {
  readonly lesson: Lesson;
  readonly body: string;
  readonly copies: number;
  /** Only after the first sending: the fault is to be seen before it is mended. */
  readonly editable: boolean;
  readonly onBody: (body: string) => void;
  readonly onCopies: (copies: number) => void;
}

/** The request as it will be sent. */
export function RequestEditor(props: RequestEditorProps) {
  const { lesson, body, copies, editable, onBody, onCopies } = props;
  const id = useId();
  const repeats = lesson.copies > 1;
  return (
    <div>
      <label htmlFor={id} className="block text-sm font-medium">
        Body of <code className="whitespace-nowrap">POST {lesson.route.rest}</code>
        {repeats && ", with its row repeated"}
      </label>
      <textarea
        id={id}
        value={body}
        readOnly={!editable || repeats}
        onChange={(event) => onBody(event.target.value)}
        rows={3}
        spellCheck={false}
        autoComplete="off"
        className="mt-1.5 w-full resize-y rounded-md border border-edge bg-surface p-3 font-mono text-sm read-only:bg-sunken"
      />
      {repeats && (
        <>
          <label htmlFor={`${id}-copies`} className="mt-3 block text-sm font-medium">
            Rows to send
          </label>
          <input
            id={`${id}-copies`}
            type="number"
            min={1}
            max={1_000_000}
            value={copies}
            readOnly={!editable}
            onChange={(event) =>
              onCopies(Math.min(1_000_000, Math.max(1, event.target.valueAsNumber || 1)))
            }
            className="mt-1.5 h-10 w-40 rounded-md border border-edge bg-surface px-3 read-only:bg-sunken"
          />
        </>
      )}
    </div>
  );
}
