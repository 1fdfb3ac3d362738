"use client";

import { WarningIcon } from "@/components/icons.tsx";
import { Button } from "@/components/ui/button.tsx";
import type { BatchCommand, BatchState, FileKind } from "@/lib/batch/protocol.ts";
import { bytes, plural } from "@/lib/format.ts";

const DELIMITERS: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
};

function shapeText({ shape, hasHeader }: BatchState): string {
  if (shape === null) return "";
  const encoding = shape.charset === "utf-8" ? [] : ["Windows-1252"];
  if (shape.format === "ndjson") return ["NDJSON", ...encoding].join(", ");
  if (shape.format === "json") return ["JSON array", ...encoding].join(", ");
  const parts = [`CSV with ${DELIMITERS[shape.delimiter] ?? "separators"}`];
  if (!hasHeader) parts.push("no header");
  if (shape.decimalComma) parts.push("decimal commas");
  return [...parts, ...encoding].join(", ");
}

function progressText({ phase, rows }: BatchState): string {
  if (phase === "reading") return `Reading, ${plural(rows, "row")} so far`;
  return phase === "checking" ? `Checking ${plural(rows, "row")}` : plural(rows, "row");
}

interface TableSummaryProps {
  readonly state: BatchState;
  readonly onDownload: (kind: FileKind) => void;
  readonly send: (command: BatchCommand) => void;
}

/** What was read, and the way to another table. */
export function TableSummary({ state, onDownload, send }: TableSummaryProps) {
  const shape = shapeText(state);
  const { otherCharset } = state;
  return (
    <section
      aria-label="Table"
      className="plate flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4"
    >
      <div className="min-w-0">
        <p className="truncate font-medium">{state.name}</p>
        <output className="figures block text-sm text-muted">
          {state.problem === null
            ? [progressText(state), bytes(state.bytes), shape, state.kept ? "kept in this tab" : ""]
                .filter((part) => part !== "")
                .join(" · ")
            : bytes(state.bytes)}
        </output>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" variant="ghost" onClick={() => onDownload("input")}>
          Save this table
        </Button>
        <Button size="sm" onClick={() => send({ type: "clear" })}>
          Take another
        </Button>
      </div>
      {state.problem !== null && (
        <p role="alert" className="flex w-full items-center gap-2.5 text-rose">
          <WarningIcon className="size-5 shrink-0" />
          <span className="min-w-0 break-words">{state.problem}</span>
          {otherCharset !== null && (
            <Button
              size="sm"
              className="shrink-0"
              onClick={() => send({ type: "charset", charset: otherCharset })}
            >
              Read as {otherCharset === "utf-8" ? "UTF-8" : "Windows-1252"}
            </Button>
          )}
        </p>
      )}
    </section>
  );
}
