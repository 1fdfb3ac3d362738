"use client";

import type { Failure } from "@sepal/client/failure";
import { useState } from "react";
import { WarningIcon } from "@/components/icons.tsx";
import { Button } from "@/components/ui/button.tsx";
import { askForKey } from "@/lib/credentials.ts";
import { failureText } from "@/lib/failure.ts";
import { useSecondsUntil } from "@/lib/use-seconds-until.ts";

const TITLES: Record<Failure["kind"], string> = {
  aborted: "No response",
  timeout: "No response",
  unreachable: "No response",
  unauthorized: "This server wants a key",
  forbidden: "Not allowed",
  rate_limited: "Too many requests",
  unavailable: "Not ready",
  invalid: "The input was rejected",
  not_found: "Not found",
  deadline: "The deadline passed",
  other: "The prediction failed",
};

function RetryButton({ seconds, onRetry }: { seconds: number; onRetry: () => void }) {
  const [due] = useState(() => Date.now() + seconds * 1000);
  const left = useSecondsUntil(due);
  return (
    <Button size="sm" onClick={onRetry} disabled={left > 0}>
      {left > 0 ? <span className="figures">Try again in {left} s</span> : "Try again"}
    </Button>
  );
}

interface FailureNoteProps {
  readonly failure: Failure;
  /** Makes the call again. */
  readonly onRetry: () => void;
}

/** Why a call failed and what to do about it: a key, a wait, another try. */
export function FailureNote({ failure, onRetry }: FailureNoteProps) {
  const { kind, detail, retryAfter, requestId } = failure;
  return (
    <div
      role="alert"
      className="flex gap-3 rounded-md border border-amber/50 bg-amber-soft px-4 py-3 text-left"
    >
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
        <div className="mt-2 flex flex-wrap gap-2">
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
