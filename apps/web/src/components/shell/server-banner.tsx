"use client";

import { Button } from "@/components/ui/button.tsx";
import { WarningIcon } from "@/components/icons.tsx";
import { useSecondsUntil } from "@/lib/use-seconds-until.ts";
import { useServerStatus } from "./use-server-status.ts";

function RetryCountdown({ retryAt }: { readonly retryAt: number }) {
  const seconds = useSecondsUntil(retryAt);
  // Not announced: a number that changes every second would talk over everything else.
  return (
    <span aria-live="off" className="figures text-muted">
      {seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again."}
    </span>
  );
}

/** Says when the server is down or its model not ready; goes away by itself. */
export function ServerBanner() {
  const { status, checkNow } = useServerStatus();
  const down = status?.state === "down";
  return (
    <div role="alert">
      {status !== undefined && status.state !== "ready" && (
        <div className="border-b border-amber/40 bg-amber-soft">
          <div className="page flex flex-wrap items-center gap-x-4 gap-y-2 py-2.5 text-sm">
            <WarningIcon className="size-5 text-amber" />
            <p className="min-w-0 grow basis-64">
              <strong className="font-semibold">
                {down ? "The inference server does not answer." : "The model is not ready."}
              </strong>{" "}
              {status.state === "down" ? (
                <RetryCountdown retryAt={status.retryAt} />
              ) : (
                <span>{status.health.reason}</span>
              )}
            </p>
            <Button size="sm" onClick={checkNow}>
              Try now
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
