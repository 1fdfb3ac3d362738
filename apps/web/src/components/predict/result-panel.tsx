"use client";

import { useState } from "react";
import { clsx } from "clsx";
import type { Failure } from "@sepal/client/failure";
import type { Answer } from "@/lib/ask-models.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { WarningIcon } from "@/components/icons.tsx";
import { Button } from "@/components/ui/button.tsx";
import { askForKey } from "@/lib/credentials.ts";
import { failureText } from "@/lib/failure.ts";
import { useSecondsUntil } from "@/lib/use-seconds-until.ts";
import type { CallTiming } from "@/lib/timing-link.ts";
import { Bloom } from "./bloom.tsx";
import { ClassMark } from "./class-mark.tsx";
import { percent, ProbabilityBars } from "./probability-bars.tsx";

const TITLES: Record<Failure["kind"], string> = {
  aborted: "No answer",
  timeout: "No answer",
  unreachable: "No answer",
  unauthorized: "This server wants a key",
  forbidden: "Not allowed",
  rate_limited: "Too many requests",
  unavailable: "Not ready",
  invalid: "The input was refused",
  not_found: "Not found",
  deadline: "That did not work",
  other: "That did not work",
};

interface FailureNoteProps {
  readonly failure: Failure;
  /** Makes the call again. */
  readonly onRetry: () => void;
}

function RetryButton({ seconds, onRetry }: { seconds: number; onRetry: () => void }) {
  const [due] = useState(() => Date.now() + seconds * 1000);
  const left = useSecondsUntil(due);
  return (
    <Button size="sm" onClick={onRetry} disabled={left > 0}>
      {left > 0 ? <span className="figures">Try again in {left} s</span> : "Try again"}
    </Button>
  );
}

/** Why a call failed and what to do about it: a key, a wait, another try. */
function FailureNote({ failure, onRetry }: FailureNoteProps) {
  const { kind, detail, retryAfter, requestId } = failure;
  return (
    <div role="alert" className="flex gap-3 rounded-md border border-amber/50 bg-amber-soft p-4">
      <WarningIcon className="mt-0.5 size-5 shrink-0 text-amber" />
      <div className="min-w-0 text-sm">
        <p className="font-semibold">{TITLES[kind]}</p>
        {detail.length === 0 ? (
          <p className="break-words">{failureText(failure)}</p>
        ) : (
          <ul>
            {detail.map(({ loc, msg, type }) => (
              <li key={`${loc.join(".")} ${type}`}>
                <code>{loc.join(".")}</code>: {msg}
              </li>
            ))}
          </ul>
        )}
        {requestId !== null && (
          <p className="mt-1 text-xs text-muted">
            Request <code className="break-all">{requestId}</code>
          </p>
        )}
        <div className="mt-3 flex gap-2">
          {kind === "unauthorized" && (
            <Button size="sm" variant="primary" onClick={askForKey}>
              Enter a key
            </Button>
          )}
          <RetryButton key={requestId} seconds={retryAfter ?? 0} onRetry={onRetry} />
        </div>
      </div>
    </div>
  );
}

interface Part {
  readonly name: string;
  readonly ms: number;
  readonly colour: string;
}

function milliseconds(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(value >= 1 ? 1 : 2);
}

/** The parts of a call's duration: queue and inference where the server says, else the server as a whole. */
function parts(timing: CallTiming, processingMs: number): Part[] {
  const { total, server } = timing;
  const serverMs = Math.min(total, server?.total ?? processingMs);
  const network = { name: "network", ms: Math.max(0, total - serverMs), colour: "bg-edge" };
  if (server === null || server.compute === null) {
    return [network, { name: "server", ms: serverMs, colour: "bg-leaf" }];
  }
  const queue = server.queue ?? 0;
  const rest = Math.max(0, serverMs - queue - server.compute);
  return [
    network,
    { name: "queue", ms: queue, colour: "bg-amber" },
    { name: "inference", ms: server.compute, colour: "bg-leaf" },
    { name: "rest of the server", ms: rest, colour: "bg-iris" },
  ];
}

interface TimingSplitProps {
  readonly timing: CallTiming;
  /** The server's own account of its work, in milliseconds. */
  readonly processingMs: number;
}

/** Where the time of the latest call went. */
function TimingSplit({ timing, processingMs }: TimingSplitProps) {
  const split = parts(timing, processingMs);
  return (
    <div className="text-sm">
      <p className="flex items-baseline justify-between gap-4">
        <span className="text-muted">Response time</span>
        <span className="figures">{milliseconds(timing.total)} ms</span>
      </p>
      <div aria-hidden="true" className="mt-1.5 flex h-2 gap-px overflow-hidden rounded-xs">
        {split.map(({ name, ms, colour }) => (
          <span key={name} className={clsx("min-w-0.5", colour)} style={{ flexGrow: ms }} />
        ))}
      </div>
      <ul aria-label="Parts of the response time" className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
        {split.map(({ name, ms, colour }) => (
          <li key={name} className="flex items-center gap-1.5 text-muted">
            <span aria-hidden="true" className={clsx("size-2 rounded-xs", colour)} />
            {name} <span className="figures text-ink">{milliseconds(ms)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface ResultPanelProps {
  readonly model: string;
  readonly classes: readonly string[];
  readonly fields: readonly FeatureField[];
  /** The row the answer is about. */
  readonly features: readonly number[];
  readonly answer: Answer;
  readonly stale: boolean;
  /** Whether others stand beside it, so that it is small and carries its name. */
  readonly compact: boolean;
  readonly onRetry: () => void;
}

/** One model's answer: the class, every probability, and where the time went. */
export function ResultPanel(props: ResultPanelProps) {
  const { model, classes, fields, features, answer, stale, compact, onRetry } = props;
  return (
    <article
      aria-label={`Answer of ${model}`}
      aria-busy={stale}
      className="plate min-w-0 p-5 sm:p-6"
    >
      {compact && <h3 className="mb-3 font-mono text-sm text-muted">{model}</h3>}
      {!answer.ok && <FailureNote failure={answer.failure} onRetry={onRetry} />}
      {answer.ok && (
        <div className={clsx("transition-opacity", stale && "opacity-60")}>
          <div className="flex items-center gap-5">
            <Bloom
              fields={fields}
              features={features}
              classIndex={answer.result.class}
              className={compact ? "size-20" : "size-28 sm:size-36"}
            />
            <div className="min-w-0">
              <p className="eyebrow">Predicted</p>
              <p
                className={clsx(
                  "flex items-center gap-2.5 font-display leading-tight font-semibold break-words",
                  compact ? "text-2xl" : "text-3xl sm:text-[2.75rem]",
                )}
              >
                <ClassMark index={answer.result.class} className={compact ? "size-4" : "size-6"} />
                {answer.result.label}
              </p>
              <p className="figures mt-1 text-muted">
                {percent(answer.result.confidence)} confident
                <span className="sr-only">, version {answer.result.model_version}</span>
              </p>
            </div>
          </div>
          <div className="mt-5">
            <ProbabilityBars
              classes={classes}
              proba={answer.result.proba}
              predicted={answer.result.class}
            />
          </div>
          {(answer.timing !== null || !compact) && (
            <div className="mt-5 border-t border-rule pt-4 text-sm">
              {answer.timing === null ? (
                <p className="text-muted">
                  This answer came with the page. Move a slider to see what a call from here takes.
                </p>
              ) : (
                <TimingSplit
                  timing={answer.timing}
                  processingMs={answer.result.processing_time_ms}
                />
              )}
            </div>
          )}
        </div>
      )}
    </article>
  );
}
