"use client";

import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useSyncExternalStore, type ReactNode } from "react";
import { clsx } from "clsx";
import {
  fetchServerStatus,
  nextPoll,
  type Offline,
  type ServerStatus,
} from "@/lib/server-status.ts";
import { Button } from "@/components/ui/button.tsx";
import { WarningIcon } from "@/components/icons.tsx";
import { useSecondsUntil } from "@/lib/use-seconds-until.ts";
import { PATH_PREFIX } from "@/lib/path-prefix.ts";

/** Key of the status among the queries. */
export const STATUS_KEY = ["server-status"] as const;

async function poll(client: QueryClient, signal: AbortSignal): Promise<ServerStatus> {
  const previous = client.getQueryData<ServerStatus>(STATUS_KEY);
  const status = await fetchServerStatus(`${PATH_PREFIX}/api/health`, previous, signal);
  if (previous !== undefined && previous.state !== "ready" && status.state === "ready") {
    // The server is back: refetch everything that failed or became stale.
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== STATUS_KEY[0] });
  }
  return status;
}

function onConnection(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** Whether the browser has a connection at all. */
function useOnline(): boolean {
  return useSyncExternalStore(
    onConnection,
    () => navigator.onLine,
    () => true,
  );
}

const OFFLINE: Offline = { state: "offline" };

/** The state of the inference server, polled: every 5 s, and with a doubling delay while it is down. */
export function useServerStatus(): {
  status: ServerStatus | Offline | undefined;
  checkNow: () => void;
} {
  const client = useQueryClient();
  const online = useOnline();
  const { data, refetch } = useQuery({
    queryKey: STATUS_KEY,
    queryFn: ({ signal }) => poll(client, signal),
    refetchInterval: ({ state }) => nextPoll(state.data),
    refetchOnWindowFocus: true,
    staleTime: 0,
    refetchOnMount: false,
  });
  return { status: online ? data : OFFLINE, checkNow: () => void refetch() };
}

const LOOKS = {
  checking: { text: "Checking", mark: "bg-muted" },
  ready: { text: "Serving", mark: "bg-leaf" },
  not_ready: { text: "Not ready", mark: "bg-amber rotate-45 rounded-none" },
  down: { text: "Down", mark: "bg-rose rounded-none" },
  offline: { text: "Offline", mark: "bg-muted rounded-none" },
} as const;

/** The state of the server in a word. */
export function ServerChip() {
  const { status } = useServerStatus();
  const { text, mark } = LOOKS[status?.state ?? "checking"];
  return (
    <p className="flex items-center gap-2 text-sm whitespace-nowrap">
      <span aria-hidden="true" className={clsx("size-2.5 rounded-full", mark)} />
      <span className="sr-only">Server: </span>
      {text}
    </p>
  );
}

function RetryCountdown({ retryAt }: { readonly retryAt: number }) {
  const seconds = useSecondsUntil(retryAt);
  // Not announced: a number that changes every second would talk over everything else.
  return (
    <span aria-live="off" className="figures text-muted">
      {seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again."}
    </span>
  );
}

const TROUBLE = {
  down: "The inference server is not responding.",
  not_ready: "The model is not ready.",
  offline: "This browser is offline.",
} as const;

/** Says when the browser is offline, the server down or its model not ready; goes away by itself. */
export function ServerBanner() {
  const { status, checkNow } = useServerStatus();
  return (
    <div role="alert">
      {status !== undefined && status.state !== "ready" && (
        <div className="border-b border-amber/40 bg-amber-soft">
          <div className="page flex flex-wrap items-center gap-x-4 gap-y-2 py-2.5 text-sm">
            <WarningIcon className="size-5 text-amber" />
            <p className="min-w-0 grow basis-64">
              <strong className="font-semibold">{TROUBLE[status.state]}</strong>{" "}
              {status.state === "down" && <RetryCountdown retryAt={status.retryAt} />}
              {status.state === "not_ready" && <span>{status.health.reason}</span>}
              {status.state === "offline" && (
                <span>Requests resume when the connection is back.</span>
              )}
            </p>
            {status.state !== "offline" && (
              <Button size="sm" onClick={checkNow}>
                Try now
              </Button>
            )}
          </div>
        </div>
      )}
    </div>
  );
}

/** Placeholder for content that needs the server; refreshes the page once the server responds. */
export function WaitForServer({ children }: { readonly children: ReactNode }) {
  const { status } = useServerStatus();
  const router = useRouter();
  const answers = status?.state === "ready" || status?.state === "not_ready";
  useEffect(() => {
    if (answers) router.refresh();
  }, [answers, router]);
  return (
    <p className="rounded-md border border-dashed border-edge px-5 py-8 text-center text-muted">
      {children}
    </p>
  );
}
