"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ModelCard } from "@sepal/schema/model-card";
import { Button } from "@/components/ui/button.tsx";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { WINDOWS } from "@/lib/live/address.ts";
import type { ShownKind } from "@/lib/live/chart-data.ts";
import { contractClient } from "@/lib/contract-client.ts";
import { plural } from "@/lib/format.ts";
import { sendBurst, type BurstProgress } from "@/lib/live/burst.ts";
import { trpc } from "@/lib/trpc.ts";
import { contractQuery } from "@/lib/use-contract.ts";

const REQUESTS = 300;
const SECONDS = 5;

interface BurstButtonProps {
  /** Models that answer by turns. */
  readonly cards: readonly ModelCard[];
}

/** Sends a bounded number of real predictions, so that the charts have something to show. */
function BurstButton({ cards }: BurstButtonProps) {
  const [progress, setProgress] = useState<BurstProgress | null>(null);
  const [running, setRunning] = useState(false);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(new Error("left")), []);
  const queries = useQueryClient();
  const ready = cards.filter((card) => card.state === "ready");

  const send = async () => {
    const abort = new AbortController();
    stop.current = abort;
    setRunning(true);
    try {
      const found = await Promise.all(
        ready.map(async ({ name, contract }) => ({
          model: name,
          contract: await queries.fetchQuery(contractQuery(contract)),
        })),
      );
      const targets = found.flatMap(({ model, contract }) =>
        contract === null ? [] : [{ model, contract }],
      );
      await sendBurst({
        requests: REQUESTS,
        seconds: SECONDS,
        signal: abort.signal,
        onProgress: setProgress,
        send: async (index, signal) => {
          const target = targets[index % targets.length];
          if (target === undefined) return;
          const { contract, model } = target;
          const example =
            contract.examples[index % contract.examples.length] ?? contract.examples[0];
          const input = { features: example.features, model_name: model };
          await contractClient(trpc, contract).predict.mutate(input, { signal });
        },
      });
    } catch {
      // Left or stopped: what was sent is shown as it is.
    } finally {
      setRunning(false);
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <Button
        variant="primary"
        className="h-9!"
        disabled={running || ready.length === 0}
        onClick={() => void send()}
      >
        Send {REQUESTS} predictions
      </Button>
      <output className="figures text-sm text-muted empty:hidden">
        {progress !== null &&
          (running
            ? `${progress.answered} of ${REQUESTS} answered`
            : `${plural(progress.answered, "prediction")} answered${progress.failed > 0 ? `, ${progress.failed} failed` : ""}.`)}
      </output>
    </div>
  );
}

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
  readonly cards: readonly ModelCard[];
  readonly minutes: Minutes;
  readonly kind: ShownKind;
  readonly paused: boolean;
  readonly onMinutes: (minutes: Minutes) => void;
  readonly onKind: (kind: ShownKind) => void;
  readonly onPause: () => void;
}

/** What is shown, for how long, and whether it moves. */
export function LiveToolbar(props: LiveToolbarProps) {
  const { cards, minutes, kind, paused, onMinutes, onKind, onPause } = props;
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
              className="h-7.5! rounded-sm aria-pressed:bg-iris-soft aria-pressed:font-semibold aria-pressed:text-iris"
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
      <Button className="h-9!" aria-pressed={paused} onClick={onPause}>
        {paused ? "Resume" : "Pause"}
      </Button>
      <BurstButton cards={cards} />
    </div>
  );
}
