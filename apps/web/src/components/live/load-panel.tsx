"use client";

import { useQueryClient } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink, httpLink } from "@trpc/client";
import type { AppRouter } from "@sepal/api/router";
import { useEffect, useId, useRef, useState } from "react";
import type { ModelCard } from "@sepal/schema/model-card";
import { Button } from "@/components/ui/button.tsx";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { Slider } from "@/components/ui/slider.tsx";
import { contractClient } from "@/lib/contract-client.ts";
import { credentialHeaders } from "@/lib/credentials.ts";
import { count } from "@/lib/format.ts";
import {
  LOAD_SECONDS,
  type LoadProgress,
  MOST_CALLS,
  offerLoad,
  RATES,
} from "@/lib/live/offered-load.ts";
import { PATH_PREFIX } from "@/lib/path-prefix.ts";
import { contractQuery } from "@/lib/use-contract.ts";
import { LIMITS } from "./chart-specs.ts";

// Without the timing that other views keep of each call.
const single = createTRPCClient<AppRouter>({
  links: [httpLink({ url: `${PATH_PREFIX}/trpc`, headers: credentialHeaders })],
});
const batched = createTRPCClient<AppRouter>({
  links: [
    httpBatchLink({
      url: `${PATH_PREFIX}/trpc`,
      headers: credentialHeaders,
      maxItems: MOST_CALLS,
    }),
  ],
});

/** Calls of a round that have a request each: with them a browser reaches the target. Of more, one has, so that its response time is seen. */
const MOST_SINGLE = 10;

/** Requests of one call under way at once: a browser has six connections, and the server's state is read over one of them. */
const MOST_CONNECTIONS = 4;

/** How often the figures of a load are written anew, in milliseconds. */
const SHOW_EVERY_MS = 250;

function summary({ seconds, answered, failed, skipped }: LoadProgress, running: boolean): string {
  const parts = [
    `${count(answered)} responses in ${seconds.toFixed(0)} s, ${count(answered / Math.max(seconds, 0.1))}/s`,
    failed > 0 && `${count(failed)} failed`,
    skipped > 0 && `${count(skipped)} not sent: saturated`,
  ].filter((part) => part !== false);
  return `${running ? "" : "Ended: "}${parts.join(", ")}.`;
}

/** A load of real predictions, bounded in time, whose rate can exceed the server's throughput. */
export function LoadPanel({ cards }: { readonly cards: readonly ModelCard[] }) {
  const id = useId();
  const [step, setStep] = useState(RATES.indexOf(LIMITS.rate));
  const [name, setName] = useState<string | null>(null);
  const [progress, setProgress] = useState<LoadProgress | null>(null);
  const [running, setRunning] = useState(false);
  const stop = useRef<AbortController | null>(null);
  // A load that runs follows the slider.
  const rate = useRef<number>(LIMITS.rate);
  useEffect(() => () => stop.current?.abort(new Error("left")), []);
  const queries = useQueryClient();
  const ready = cards.filter((card) => card.state === "ready");
  const card =
    ready.find((each) => each.name === name) ?? ready.find((each) => each.is_default) ?? ready[0];
  const rateAt = (at: number) => RATES[at] ?? LIMITS.rate;

  const send = async () => {
    if (card === undefined) return;
    const abort = new AbortController();
    stop.current = abort;
    setRunning(true);
    let shown = 0;
    let alone = 0;
    try {
      const contract = await queries.fetchQuery(contractQuery(card.contract));
      if (contract === null) return;
      const one = contractClient(single, contract).predict;
      const many = contractClient(batched, contract).predict;
      const inputs = contract.examples.map(({ features }) => ({ features, model_name: card.name }));
      const [first] = inputs;
      if (first === undefined) return;
      const last = await offerLoad({
        rate: () => rate.current,
        seconds: LOAD_SECONDS,
        signal: abort.signal,
        onProgress: (next) => {
          if (performance.now() - shown < SHOW_EVERY_MS) return;
          shown = performance.now();
          setProgress(next);
        },
        send: (calls, signal) =>
          Promise.all(
            Array.from({ length: calls }, (_, index) => {
              const input = inputs[index % inputs.length] ?? first;
              const isAlone = alone < MOST_CONNECTIONS && (index === 0 || calls <= MOST_SINGLE);
              if (!isAlone) return many.mutate(input, { signal });
              alone += 1;
              return one.mutate(input, { signal }).finally(() => {
                alone -= 1;
              });
            }),
          ),
      });
      setProgress(last);
    } finally {
      setRunning(false);
    }
  };
  return (
    <section
      aria-labelledby={`${id}title`}
      className="plate flex flex-wrap items-end gap-x-6 gap-y-3 p-4"
    >
      <h2 id={`${id}title`} className="w-full font-sans text-sm font-semibold tracking-normal">
        Load from this browser
      </h2>
      <NativeSelect
        label="Model"
        value={card?.name ?? ""}
        options={ready.map((each) => ({ value: each.name, text: each.name }))}
        onChange={setName}
      />
      <div className="min-w-56 grow basis-56 sm:max-w-96">
        <p className="text-xs font-medium text-muted">
          Rate: <span className="figures text-ink">{count(rateAt(step))}/s</span>
        </p>
        <Slider
          label="Rate"
          value={step}
          min={0}
          max={RATES.length - 1}
          step={1}
          marked={null}
          valueText={(at) => `${count(rateAt(at))} predictions a second`}
          onChange={(at) => {
            setStep(at);
            rate.current = rateAt(at);
          }}
        />
      </div>
      {running ? (
        <Button variant="danger" onClick={() => stop.current?.abort(new Error("stopped"))}>
          Stop
        </Button>
      ) : (
        <Button variant="primary" disabled={card === undefined} onClick={() => void send()}>
          Send load
        </Button>
      )}
      <output className="figures w-full text-sm text-muted">
        {progress === null
          ? `Real predictions for ${LOAD_SECONDS} s at most: mostly a request each up to ${LIMITS.rate}/s, above it up to ${MOST_CALLS} a request. The slider moves the rate while they run.`
          : summary(progress, running)}
      </output>
    </section>
  );
}
