"use client";

import { Button } from "@/components/ui/button.tsx";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { WINDOWS } from "@/lib/live/address.ts";
import type { ShownKind } from "@/lib/live/chart-data.ts";

type Minutes = (typeof WINDOWS)[number];

const KIND_TEXTS: Readonly<Record<ShownKind, string>> = {
  single: "Single predictions",
  batch: "Batches",
  all: "All requests",
};

/** The length of a window in words. */
export function windowText(minutes: Minutes): string {
  return minutes === "1" ? "1 minute" : `${minutes} minutes`;
}

interface LiveToolbarProps {
  readonly minutes: Minutes;
  readonly kind: ShownKind;
  readonly paused: boolean;
  readonly onMinutes: (minutes: Minutes) => void;
  readonly onKind: (kind: ShownKind) => void;
  readonly onPause: () => void;
}

/** What is shown, for how long, and whether it moves. */
export function LiveToolbar(props: LiveToolbarProps) {
  const { minutes, kind, paused, onMinutes, onKind, onPause } = props;
  const kinds: readonly ShownKind[] = ["single", "batch", "all"];
  return (
    <div className="flex flex-wrap items-end gap-x-6 gap-y-4">
      <fieldset>
        <legend className="mb-1 text-xs font-medium text-muted">Window</legend>
        <div className="flex rounded-md border border-edge bg-surface p-0.5">
          {WINDOWS.map((each) => (
            <Button
              key={each}
              size="sm"
              variant="ghost"
              aria-pressed={each === minutes}
              onClick={() => onMinutes(each)}
              className="rounded-sm aria-pressed:bg-iris-soft aria-pressed:font-semibold aria-pressed:text-iris"
            >
              {each} min
            </Button>
          ))}
        </div>
      </fieldset>
      <NativeSelect
        label="Response times of"
        value={kind}
        options={kinds.map((value) => ({ value, text: KIND_TEXTS[value] }))}
        onChange={(value) => onKind(kinds.find((each) => each === value) ?? "single")}
      />
      <Button size="field" aria-pressed={paused} onClick={onPause}>
        {paused ? "Resume" : "Pause"}
      </Button>
    </div>
  );
}
