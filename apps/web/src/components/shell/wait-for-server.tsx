"use client";

import { useRouter } from "next/navigation";
import { useEffect, type ReactNode } from "react";
import { useServerStatus } from "./use-server-status.ts";

/** Stands in for what could not be made without the server, and makes it once that answers. */
export function WaitForServer({ children }: { readonly children: ReactNode }) {
  const { status } = useServerStatus();
  const router = useRouter();
  const answers = status !== undefined && status.state !== "down";
  useEffect(() => {
    if (answers) router.refresh();
  }, [answers, router]);
  return (
    <p className="rounded-md border border-dashed border-edge px-5 py-8 text-center text-muted">
      {children}
    </p>
  );
}
