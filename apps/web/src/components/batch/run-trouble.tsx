"use client";

import { WarningIcon } from "@/components/icons.tsx";
import type { RunState } from "@/lib/batch/protocol.ts";
import type { Failure } from "@/lib/failure.ts";
import { useSecondsUntil } from "@/lib/use-seconds-until.ts";

const WAITING: Partial<Record<Failure["kind"], string>> = {
  down: "The connection to the server is lost.",
  unavailable: "The server is full or its model is not ready.",
  rate_limited: "The server asks for fewer requests.",
};

function Countdown({ retryAt }: { readonly retryAt: number }) {
  const seconds = useSecondsUntil(retryAt);
  return (
    <span aria-live="off" className="figures">
      {seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again."}
    </span>
  );
}

/** Why a run waits or has stopped, and that nothing is lost by it. */
export function RunTrouble({ run }: { readonly run: RunState }) {
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
          {waits ? (WAITING[failure.kind] ?? failure.message) : failure.message}
        </strong>{" "}
        {waits ? "What is answered stays, and the rest is sent once the server is back." : null}{" "}
        {retryAt !== null && <Countdown retryAt={retryAt} />}
      </p>
    </div>
  );
}
