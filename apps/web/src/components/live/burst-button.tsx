"use client";

import type { ModelCard } from "@sepal/schema/model-card";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { contractClient, findContract } from "@/lib/contract-client.ts";
import { plural } from "@/lib/format.ts";
import { sendBurst, type BurstProgress } from "@/lib/live/burst.ts";
import { trpc } from "@/lib/trpc.ts";

const REQUESTS = 300;
const SECONDS = 5;

interface BurstButtonProps {
  /** Models that answer by turns. */
  readonly cards: readonly ModelCard[];
}

/** Sends a bounded number of real predictions, so that the charts have something to show. */
export function BurstButton({ cards }: BurstButtonProps) {
  const [progress, setProgress] = useState<BurstProgress | null>(null);
  const [running, setRunning] = useState(false);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(new Error("left")), []);
  const targets = cards.flatMap((card) => {
    const contract = card.state === "ready" ? findContract(card.contract) : undefined;
    return contract === undefined ? [] : [{ model: card.name, contract }];
  });

  const send = async () => {
    const abort = new AbortController();
    stop.current = abort;
    setRunning(true);
    try {
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
        disabled={running || targets.length === 0}
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
