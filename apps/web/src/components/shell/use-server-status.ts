"use client";

import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { fetchServerStatus, nextPoll, type ServerStatus } from "@/lib/server-status.ts";

/** Key of the status among the queries. */
export const STATUS_KEY = ["server-status"] as const;

async function poll(client: QueryClient, signal: AbortSignal): Promise<ServerStatus> {
  const previous = client.getQueryData<ServerStatus>(STATUS_KEY);
  const status = await fetchServerStatus("/api/health", previous, signal);
  if (previous !== undefined && previous.state !== "ready" && status.state === "ready") {
    // Back again: everything that failed or grew old meanwhile is asked for anew.
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== STATUS_KEY[0] });
  }
  return status;
}

/** The state of the inference server, polled: every 5 s, and with a doubling delay while it is down. */
export function useServerStatus(): { status: ServerStatus | undefined; checkNow: () => void } {
  const client = useQueryClient();
  const { data, refetch } = useQuery({
    queryKey: STATUS_KEY,
    queryFn: ({ signal }) => poll(client, signal),
    refetchInterval: ({ state }) => nextPoll(state.data),
    refetchOnWindowFocus: true,
    staleTime: 0,
    refetchOnMount: false,
  });
  return { status: data, checkNow: () => void refetch() };
}
