"use client";

import type { Contract } from "@sepal/schema/define-contract";
import { useEffect, useRef, useState } from "react";
import { useServerStatus } from "@/components/shell/use-server-status.ts";
import { askModels, type Answers, type Target } from "@/lib/ask-models.ts";
import { askForKey, useCredentials } from "@/lib/credentials.ts";
import { LatestWins } from "@/lib/latest-wins.ts";
import { batchedTrpc, trpc } from "@/lib/trpc.ts";

interface Question {
  readonly contract: Contract;
  readonly features: readonly number[];
  readonly targets: readonly Target[];
}

function ask({ contract, ...question }: Question, signal: AbortSignal): Promise<Answers> {
  // Several models are asked in one request, a single one by the server's fastest lane.
  const client = question.targets.length > 1 ? batchedTrpc : trpc;
  return askModels(client, contract, question, signal);
}

function wantsKey({ answers }: Answers): boolean {
  return answers.some((answer) => !answer.ok && answer.failure.status === 401);
}

/**
 * The models' answers about a row, kept up to date as the row changes; `initial` are those the page
 * came with. `stale` says that the answers are about an earlier row or a server that was away.
 */
export function usePredictions(
  { contract, features, targets }: Question,
  initial: Answers,
): Answers & { readonly stale: boolean; readonly retry: () => void } {
  const [shown, setShown] = useState(initial);
  const lane = useRef<LatestWins<Question, Answers>>(null);
  const { apiKey } = useCredentials();
  const { status } = useServerStatus();
  const [attempt, setAttempt] = useState(0);
  const row = features.join();
  const asked = `${targets.map((target) => `${target.model_name}@${target.model_version ?? ""}`).join()} ${apiKey ?? ""} ${attempt}`;
  const askedBefore = useRef(asked);
  const rowBefore = useRef(row);

  // The page itself was made without a reader's key.
  const wanted = wantsKey(initial);
  useEffect(() => {
    if (wanted) askForKey();
  }, [wanted]);

  useEffect(() => {
    const created = new LatestWins<Question, Answers>(ask, (answers) => {
      setShown(answers);
      if (wantsKey(answers)) askForKey();
    });
    lane.current = created;
    return () => created.restart();
  }, []);

  useEffect(() => {
    if (asked === askedBefore.current && row === rowBefore.current) return;
    if (asked !== askedBefore.current) lane.current?.restart();
    askedBefore.current = asked;
    rowBefore.current = row;
    lane.current?.submit({ contract, features, targets });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `asked` and `row` stand for the lists, new objects at every render
  }, [asked, row]);

  // What was answered stays while the server is away; once it is back, it is asked again.
  const state = status?.state;
  const stateBefore = useRef(state);
  useEffect(() => {
    const returned = state === "ready" && stateBefore.current !== "ready";
    stateBefore.current = state;
    if (returned) setAttempt((count) => count + 1);
  }, [state]);

  const stale = shown.features.join() !== row || (state !== undefined && state !== "ready");
  return { ...shown, stale, retry: () => setAttempt((count) => count + 1) };
}
