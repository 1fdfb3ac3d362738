"use client";

import { useState } from "react";
import { CheckIcon, CopyIcon } from "@/components/icons.tsx";
import { Button } from "@/components/ui/button.tsx";

/** Copies a text and says so. */
export function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState<string | null>(null);
  const done = copied === text;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(text);
  };
  return (
    <Button size="sm" variant="ghost" onClick={() => void copy()}>
      {done ? <CheckIcon className="size-4 text-leaf" /> : <CopyIcon className="size-4" />}
      <span aria-live="polite">{done ? "Copied" : "Copy"}</span>
    </Button>
  );
}
