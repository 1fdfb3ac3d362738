"use client";

import Link from "next/link";
import { useState } from "react";
import { CheckIcon } from "@/components/icons.tsx";
import { Button, buttonVariants } from "@/components/ui/button.tsx";
import { askForKey } from "@/lib/credentials.ts";
import { lessonText, type Lesson } from "@/lib/lessons.ts";
import { sendLesson, type LessonReply } from "@/lib/send-lesson.ts";
import { Guess } from "./guess.tsx";
import { RequestEditor } from "./request-editor.tsx";
import { Verdict } from "./verdict.tsx";

interface LessonViewProps {
  readonly lesson: Lesson;
  /** Where to go when it is solved; `null` after the last. */
  readonly next: string | null;
}

/** One lesson: guess, send, see, mend. */
export function LessonView({ lesson, next }: LessonViewProps) {
  const [guess, setGuess] = useState<number | null>(null);
  const [body, setBody] = useState(lesson.body);
  const [copies, setCopies] = useState(lesson.copies);
  const [first, setFirst] = useState<{ text: string; reply: LessonReply } | null>(null);
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
      if (reply.status !== 200) setFirst({ text, reply });
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
        <Guess value={guess} locked={latest !== null} onChange={setGuess} />
        <RequestEditor
          lesson={lesson}
          body={body}
          copies={copies}
          editable={latest !== null}
          onBody={setBody}
          onCopies={setCopies}
        />
        <div className="flex flex-wrap items-center gap-4">
          <Button
            variant="primary"
            size="lg"
            disabled={sending || guess === null}
            focusableWhenDisabled
            onClick={() => void send()}
          >
            {latest === null ? "Send it" : "Send it again"}
          </Button>
          {guess === null && <p className="text-sm text-muted">Guess first.</p>}
          {lost && (
            <p role="alert" className="text-sm text-rose">
              No answer came. Send it once more when the server is back.
            </p>
          )}
        </div>
        {solved && (
          <div role="alert" className="rounded-md border border-leaf/50 bg-leaf-soft p-4">
            <p className="flex items-center gap-2 font-semibold">
              <CheckIcon className="size-5 text-leaf" />
              Mended: the server answers 200.
            </p>
            <Link
              href={next ?? "/"}
              prefetch={false}
              className={buttonVariants({ variant: "outline", className: "mt-3" })}
            >
              {next === null ? "That was the last one" : "Next lesson"}
            </Link>
          </div>
        )}
      </div>
      <div className="min-w-0">
        {first === null ? (
          <p className="rounded-md border border-dashed border-edge px-5 py-10 text-center text-muted">
            {solved
              ? "It was mended before it was broken. Put the fault back to see the error."
              : "The server's answer will stand here."}
          </p>
        ) : (
          <Verdict lesson={lesson} guess={guess} sent={first} />
        )}
      </div>
    </div>
  );
}
