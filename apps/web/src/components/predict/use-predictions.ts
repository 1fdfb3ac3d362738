"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { useServerStatus } from "@/components/shell/server-status.tsx";
import { askForKey, useCredentials } from "@/lib/credentials.ts";
import { LatestWins } from "@/lib/latest-wins.ts";
import {
  answersHere,
  checked,
  type Checked,
  noteAnswers,
  predictedHere,
} from "@/lib/evaluator/same-bits.ts";
import { type Answer, type Answers, predictRow, type Question } from "@/lib/predictor.ts";
import { writeRow } from "@/lib/row.ts";
import { batchedTrpc, trpc } from "@/lib/trpc.ts";

/** Time without a change after which the server confirms the page's prediction, in milliseconds. */
const SETTLED_MS = 120;

function ask(question: Question, signal: AbortSignal): Promise<Answers> {
  // Several models are asked in one request, a single one by the server's fastest path.
  return predictRow(question.targets.length > 1 ? batchedTrpc : trpc, question, signal);
}

function timedOf({ answers }: Answers): Served | undefined {
  return answers.filter((answer) => answer.ok).find(({ timing }) => timing !== null);
}

function wantsKey({ answers }: Answers): boolean {
  return answers.some((answer) => !answer.ok && answer.failure.status === 401);
}

type Served = Extract<Answer, { ok: true }>;

/** Seconds until a model that is not ready is retried; `null` without a Retry-After. */
function secondsUntilReady({ answers }: Answers): number | null {
  const waits = answers.flatMap((answer) =>
    !answer.ok && answer.failure.kind === "unavailable" && answer.failure.retryAfter !== null
      ? [answer.failure.retryAfter]
      : [],
  );
  return waits.length === 0 ? null : Math.max(...waits);
}

interface Predictions extends Checked {
  /** The latest response of the server, whose times are shown. */
  readonly timed: Served | undefined;
  /** Whether they belong to an earlier row, or the server is unreachable. */
  readonly stale: boolean;
  readonly retry: () => void;
}

/**
 * The models' predictions for a row, kept up to date as the row changes; `initial` are those the page came with. Where
 * the page evaluates every model, it predicts each step of a slider, and the server confirms the row at rest.
 */
export function usePredictions(question: Question, initial: Answers): Predictions {
  const { features, targets } = question;
  const [shown, setShown] = useState<Checked>({ ...initial, check: { state: "none" } });
  const [timed, setTimed] = useState(() => initial.answers.find((answer) => answer.ok));
  const queue = useRef<LatestWins<Question, Answers>>(null);
  // Whether the page evaluated a model of the latest question.
  const evaluates = useRef(false);
  // The server's predictions under comparison; late ones are dropped.
  const comparing = useRef<Answers>(null);
  const { apiKey } = useCredentials();
  const { status } = useServerStatus();
  const [attempt, setAttempt] = useState(0);
  const row = writeRow(features);
  const asked = `${targets.map((target) => `${target.model_name}@${target.model_version ?? ""}`).join()} ${apiKey ?? ""} ${attempt}`;
  const askedBefore = useRef(asked);
  const rowBefore = useRef(row);

  const show = useCallback(async (answers: Answers, of: Question) => {
    comparing.current = answers;
    noteAnswers(answers, of.targets);
    setTimed((before) => timedOf(answers) ?? before);
    // The page itself was rendered without the reader's key.
    if (wantsKey(answers)) askForKey();
    // Nothing waits for a model that may have to be fetched first.
    if (!evaluates.current) {
      setShown((before) =>
        before.answers === answers.answers ? before : { ...answers, check: { state: "none" } },
      );
    }
    const found = checked(of, answers, await predictedHere(of));
    if (comparing.current !== answers) return;
    evaluates.current = found.check.state !== "none";
    // The page has already predicted the row that the slider moved on to.
    const isCurrent = writeRow(answers.features) === rowBefore.current;
    if (isCurrent || !evaluates.current) setShown(found);
  }, []);

  useEffect(() => {
    const created = new LatestWins<Question, Answers>(ask, (answers, of) => void show(answers, of));
    queue.current = created;
    return () => created.restart();
  }, [show]);

  useEffect(() => {
    void show(initial, question);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, for what the page came with
  }, []);

  useEffect(() => {
    if (asked === askedBefore.current && row === rowBefore.current) return undefined;
    if (asked !== askedBefore.current) {
      queue.current?.restart();
      comparing.current = null;
    }
    askedBefore.current = asked;
    rowBefore.current = row;
    if (!evaluates.current) {
      queue.current?.submit(question);
      return undefined;
    }
    let current = true;
    const showHere = async () => {
      const here = answersHere(question, await predictedHere(question));
      if (current && here !== undefined) setShown(here);
    };
    void showHere();
    const timer = setTimeout(() => queue.current?.submit(question), SETTLED_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `asked` and `row` stand for the lists, new objects at every render
  }, [asked, row]);

  // Predictions stay while the server is down, and are requested again once it is back.
  const state = status?.state;
  const stateBefore = useRef(state);
  useEffect(() => {
    const returned = state === "ready" && stateBefore.current !== "ready";
    stateBefore.current = state;
    if (returned) setAttempt((count) => count + 1);
  }, [state]);

  useEffect(() => {
    const seconds = secondsUntilReady(shown);
    if (seconds === null) return undefined;
    const timer = setTimeout(() => setAttempt((count) => count + 1), seconds * 1000);
    return () => clearTimeout(timer);
  }, [shown]);

  const away = state !== undefined && state !== "ready";
  const here = shown.check.state === "unconfirmed" || shown.check.state === "alone";
  const stale = writeRow(shown.features) !== row || (away && !here);
  return { ...shown, timed, stale, retry: () => setAttempt((count) => count + 1) };
}
