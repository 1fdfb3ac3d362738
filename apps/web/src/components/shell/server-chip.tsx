"use client";

import { useServerStatus } from "./use-server-status.ts";
import { cn } from "@/lib/cn.ts";

const LOOKS = {
  checking: { text: "Checking", mark: "bg-muted" },
  ready: { text: "Serving", mark: "bg-leaf" },
  not_ready: { text: "Not ready", mark: "bg-amber rotate-45 rounded-none" },
  down: { text: "Down", mark: "bg-rose rounded-none" },
} as const;

/** The state of the server in a word. */
export function ServerChip() {
  const { status } = useServerStatus();
  const { text, mark } = LOOKS[status?.state ?? "checking"];
  return (
    <p className="flex items-center gap-2 text-sm whitespace-nowrap">
      <span aria-hidden="true" className={cn("size-2.5 rounded-full", mark)} />
      <span className="sr-only">Server: </span>
      {text}
    </p>
  );
}
