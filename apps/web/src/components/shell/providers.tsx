"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { createContext, type ReactNode, use, useState } from "react";
import type { ServerStatus } from "@/lib/server-status.ts";
import { STATUS_KEY } from "./server-status.tsx";

/** Settings of the server that a page may know. */
interface PublicSettings {
  /** Where clients find the API, without a slash at the end. */
  readonly publicApiUrl: string;
}

/** Provides {@link PublicSettings}. */
const PublicSettingsContext = createContext<PublicSettings>({ publicApiUrl: "" });

/** The settings of this page's server. */
export function usePublicSettings(): PublicSettings {
  return use(PublicSettingsContext);
}

function createQueryClient(status: ServerStatus): QueryClient {
  const client = new QueryClient({
    // Whether the server is back is one query's business: see `useServerStatus`.
    defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, staleTime: 60_000 } },
  });
  client.setQueryData(STATUS_KEY, status);
  return client;
}

interface ProvidersProps {
  readonly settings: PublicSettings;
  /** What the server of this page saw of the inference server. */
  readonly status: ServerStatus;
  readonly children: ReactNode;
}

/** What every view stands on: queries, state in the address, settings. */
export function Providers({ settings, status, children }: ProvidersProps) {
  const [queryClient] = useState(() => createQueryClient(status));
  return (
    <PublicSettingsContext value={settings}>
      <QueryClientProvider client={queryClient}>
        <NuqsAdapter>{children}</NuqsAdapter>
      </QueryClientProvider>
    </PublicSettingsContext>
  );
}
