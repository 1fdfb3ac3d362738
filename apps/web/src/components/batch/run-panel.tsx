"use client";

import { useEffect, useId } from "react";
import { clsx } from "clsx";
import type { Failure } from "@sepal/client/failure";
import { classLabels, type Contract } from "@sepal/schema/define-contract";
import type { ModelCard } from "@sepal/schema/model-card";
import { Button } from "@/components/ui/button.tsx";
import type { BatchChoice } from "@/lib/batch/address.ts";
import {
  isRunning,
  type BatchCommand,
  type BatchState,
  type RunState,
} from "@/lib/batch/protocol.ts";
import { askForKey } from "@/lib/credentials.ts";
import { classColours, ClassMark } from "@/components/predict/class-mark.tsx";
import { count, duration, plural } from "@/lib/format.ts";
import { WarningIcon } from "@/components/icons.tsx";
import { ModelChoice } from "./model-choice.tsx";
import { failureText, isUnanswered } from "@/lib/failure.ts";
import { useSecondsUntil } from "@/lib/use-seconds-until.ts";

interface ClassSharesProps {
  readonly classes: readonly string[];
  /** Rows predicted, by class. */
  readonly byClass: readonly number[];
}

/** How many rows fell into each class, as parts of one bar. */
function ClassShares({ classes, byClass }: ClassSharesProps) {
  return (
    <div className="mt-3 border-t border-rule pt-4">
      <div aria-hidden="true" className="flex h-2.5 gap-0.5 overflow-hidden rounded-full">
        {classes.map((label, index) => (
          <span
            key={label}
            className={clsx("min-w-0", classColours(index).background)}
            style={{ flexGrow: byClass[index] ?? 0 }}
          />
        ))}
      </div>
      <ul aria-label="Rows of each class" className="mt-2.5 flex flex-wrap gap-x-6 gap-y-1 text-sm">
        {classes.map((label, index) => (
          <li key={label} className="flex items-center gap-2">
            <ClassMark index={index} />
            {label}
            <span className="figures text-muted">{count(byClass[index] ?? 0)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
}

function Figure({ name, value }: FigureProps) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="figures text-lg font-medium">{value}</dd>
    </div>
  );
}

/** What is said of a run when it begins, stops and ends; the figures beside it change too often. */
function announcement({ run, answered, badRows }: BatchState): string {
  if (run === null) return "";
  const stays = "; predicted rows are kept.";
  const texts: Record<RunState["phase"], string> = {
    running: "Predicting.",
    waiting: "Waiting for the server.",
    cancelled: `Cancelled after ${plural(answered, "row")}${stays}`,
    failed: `Stopped after ${plural(answered, "row")}${stays}`,
    done: `${plural(answered, "row")} predicted by ${run.target.model} ${run.target.version} in ${duration(run.elapsed)}${badRows > 0 ? `; ${plural(badRows, "bad row")} left out` : ""}.`,
  };
  return texts[run.phase];
}

/** How far a run is: the bar, rows, speed, time left and bad rows. */
function RunFigures({ state }: { readonly state: BatchState }) {
  const { run, rows, badRows, answered } = state;
  const good = rows - badRows;
  const average = run !== null && run.elapsed > 0 ? answered / run.elapsed : 0;
  const speed = run?.phase === "running" ? run.rowsPerSecond : average;
  return (
    <>
      <progress
        aria-label="Rows predicted"
        max={Math.max(1, good)}
        value={answered}
        className={clsx(
          "mt-5 block h-2.5 w-full appearance-none overflow-hidden rounded-full bg-sunken inset-ring inset-ring-rule",
          "[&::-webkit-progress-bar]:bg-transparent",
          run?.phase === "waiting"
            ? "[&::-moz-progress-bar]:bg-amber [&::-webkit-progress-value]:bg-amber"
            : "[&::-moz-progress-bar]:bg-leaf [&::-webkit-progress-value]:bg-leaf",
        )}
      />
      <dl className="mt-4 grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
        <Figure name={`Predicted of ${count(good)}`} value={count(answered)} />
        <Figure name="Rows a second" value={speed > 0 ? count(speed) : "–"} />
        <Figure
          name={run === null || run.secondsLeft !== null ? "Time left" : "Time"}
          value={
            run === null ? "–" : duration(run.secondsLeft === null ? run.elapsed : run.secondsLeft)
          }
        />
        <Figure name="Bad rows" value={count(badRows)} />
      </dl>
      <output className="mt-3 block min-h-6 text-sm text-muted">{announcement(state)}</output>
    </>
  );
}

/** Why nothing is sent for a while. */
function waitText(failure: Failure): string {
  if (isUnanswered(failure)) return "The connection to the server is lost.";
  return failure.kind === "rate_limited"
    ? "The server asks for fewer requests."
    : "The server is overloaded or its model is not ready.";
}

function Countdown({ retryAt }: { readonly retryAt: number }) {
  const seconds = useSecondsUntil(retryAt);
  return (
    <span aria-live="off" className="figures">
      {seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again."}
    </span>
  );
}

/** Why a run waits or has stopped, and that nothing is lost by it. */
function RunTrouble({ run }: { readonly run: RunState }) {
  const { phase, failure, retryAt } = run;
  if (failure === null) return null;
  const waits = phase === "waiting";
  return (
    <div
      role="alert"
      className="mt-2 flex gap-3 rounded-md border border-amber/50 bg-amber-soft px-4 py-3 text-sm"
    >
      <WarningIcon className="mt-0.5 size-5 shrink-0 text-amber" />
      <p className="min-w-0 break-words">
        <strong className="font-semibold">
          {waits ? waitText(failure) : failureText(failure)}
        </strong>{" "}
        {waits ? "Predicted rows are kept, and the rest is sent once the server is back." : null}{" "}
        {retryAt !== null && <Countdown retryAt={retryAt} />}
      </p>
    </div>
  );
}

interface RunPanelProps {
  readonly contract: Contract;
  readonly cards: readonly ModelCard[];
  readonly choice: BatchChoice;
  readonly state: BatchState;
  readonly send: (command: BatchCommand) => void;
  readonly onChoice: (model: string, version: string | null) => void;
}

function startText({ run, rows, badRows, answered }: BatchState, goesOn: boolean): string {
  if (goesOn && answered < rows - badRows) return "Resume";
  return run === null ? "Predict" : "Predict again";
}

/** Model, start and progress of the run. */
export function RunPanel({ contract, cards, choice, state, send, onChoice }: RunPanelProps) {
  const id = useId();
  const { card, version } = choice;
  const { run } = state;
  const active = isRunning(state);
  const goesOn =
    (run?.phase === "cancelled" || run?.phase === "failed") &&
    run.target.model === card.name &&
    run.target.version === version;
  const ready = state.phase === "ready" && state.rows > state.badRows;
  const refused = run?.phase === "failed" && run.failure?.kind === "unauthorized";
  useEffect(() => {
    if (refused) askForKey();
  }, [refused]);
  const start = () => send({ type: "start", target: { model: card.name, version } });
  return (
    <section aria-labelledby={`${id}title`} className="plate h-full p-5 sm:p-6">
      <h2 id={`${id}title`} className="text-2xl">
        Predictions
      </h2>
      <div className="mt-4 flex flex-wrap items-end gap-x-4 gap-y-3">
        <ModelChoice cards={cards} choice={choice} onChoice={onChoice} />
        {active ? (
          <Button variant="danger" size="field" onClick={() => send({ type: "cancel" })}>
            Cancel
          </Button>
        ) : (
          <Button variant="primary" size="field" disabled={!ready} onClick={start}>
            {startText(state, goesOn)}
          </Button>
        )}
      </div>
      <RunFigures state={state} />
      {state.answered > 0 && state.byClass.length > 0 && (
        <ClassShares classes={classLabels(contract)} byClass={state.byClass} />
      )}
      {run !== null && <RunTrouble run={run} />}
    </section>
  );
}
