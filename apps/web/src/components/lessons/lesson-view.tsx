"use client";

import { clsx } from "clsx";
import Link from "next/link";
import { useId, useState } from "react";
import { CheckIcon } from "@/components/icons.tsx";
import { Button, buttonClasses } from "@/components/ui/button.tsx";
import { askForKey } from "@/lib/credentials.ts";
import { GUESSES, type Lesson, lessonText } from "@/lib/lessons.ts";
import { sendLesson, type LessonReply } from "@/lib/send-lesson.ts";
import { noteSolved } from "./lesson-progress.ts";
import { type Sent, Verdict } from "./verdict.tsx";

interface GuessProps {
  readonly value: number | null;
  readonly disabled: boolean;
  readonly onChange: (status: number) => void;
}

/** The status that the reader expects. */
function Guess({ value, disabled, onChange }: GuessProps) {
  return (
    <fieldset disabled={disabled}>
      <legend className="font-display text-xl font-semibold">
        Which status will the server return?
      </legend>
      <div className="mt-3 grid gap-2">
        {GUESSES.map(({ status, text }) => (
          <label
            key={status}
            htmlFor={`guess-${status}`}
            className="flex items-center gap-3 rounded-md border border-rule bg-paper px-3 py-2 text-sm has-checked:border-iris has-checked:bg-iris-soft"
          >
            <input
              id={`guess-${status}`}
              type="radio"
              name="guess"
              checked={value === status}
              onChange={() => onChange(status)}
              className="size-4 accent-iris"
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface RequestEditorProps {
  readonly lesson: Lesson;
  readonly body: string;
  readonly copies: number;
  /** Only after the first response: the fault is to be seen before it is fixed. */
  readonly editable: boolean;
  readonly onBody: (body: string) => void;
  readonly onCopies: (copies: number) => void;
}

/** The request as it will be sent. */
function RequestEditor(props: RequestEditorProps) {
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

interface LessonViewProps {
  readonly lesson: Lesson;
  /** Its number, from 1. */
  readonly number: number;
  /** Where to go when it is solved; `null` after the last. */
  readonly next: string | null;
}

/** One lesson: read the request, guess, send, fix. */
export function LessonView({ lesson, number, next }: LessonViewProps) {
  const [guess, setGuess] = useState<number | null>(null);
  const [body, setBody] = useState(lesson.body);
  const [copies, setCopies] = useState(lesson.copies);
  const [first, setFirst] = useState<Sent | null>(null);
  const [latest, setLatest] = useState<LessonReply | null>(null);
  const [sending, setSending] = useState(false);
  const [lost, setLost] = useState(false);
  const send = async () => {
    setSending(true);
    setLost(false);
    const text = lessonText(body, copies);
    try {
      const reply = await sendLesson(text, lesson.route, "fastapi");
      if (reply.status === 401) askForKey();
      setLatest(reply);
      if (reply.status !== 200) setFirst({ text, reply, guess });
      else if (first !== null) noteSolved(number);
      setLost(reply.status === 502);
    } catch {
      setLost(true);
    } finally {
      setSending(false);
    }
  };
  const solved = latest?.status === 200;
  return (
    <div className="grid grid-cols-1 items-start gap-8 lg:grid-cols-2">
      <div className="grid grid-cols-1 gap-7">
        <RequestEditor
          lesson={lesson}
          body={body}
          copies={copies}
          editable={latest !== null}
          onBody={setBody}
          onCopies={setCopies}
        />
        <Guess value={guess} disabled={sending} onChange={setGuess} />
        <div className="flex flex-wrap items-center gap-4">
          <Button
            variant="primary"
            size="lg"
            disabled={sending || guess === null}
            focusableWhenDisabled
            onClick={() => void send()}
          >
            {latest === null ? "Send request" : "Send again"}
          </Button>
          {guess === null && <p className="text-sm text-muted">Choose a status first.</p>}
          {lost && (
            <p role="alert" className="text-sm text-rose">
              No response. Send it again when the server is back.
            </p>
          )}
        </div>
        {solved && (
          <div role="alert" className="rounded-md border border-leaf/50 bg-leaf-soft p-4">
            <p className="flex items-center gap-2 font-semibold">
              <CheckIcon className="size-5 text-leaf" />
              Fixed: the server returns 200.
            </p>
            <Link href={next ?? "/"} prefetch={false} className={clsx(buttonClasses(), "mt-3")}>
              {next === null ? "All lessons done: to the start page" : "Next lesson"}
            </Link>
          </div>
        )}
      </div>
      <div className="min-w-0">
        {first === null ? (
          <p className="rounded-md border border-dashed border-edge px-5 py-10 text-center text-muted">
            {solved
              ? "This request is valid. Restore the fault to see the error."
              : "The response appears here."}
          </p>
        ) : (
          <Verdict lesson={lesson} sent={first} />
        )}
      </div>
    </div>
  );
}
