"use client";

import Link from "next/link";
import { useMemo, useState } from "react";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelCard } from "@sepal/schema/model-card";
import { asList } from "@sepal/schema/row-encoding";
import { ArrowIcon } from "@/components/icons.tsx";
import { CheckNote } from "@/components/predict/check-note.tsx";
import { FieldInput } from "@/components/predict/feature-form.tsx";
import { Headline } from "@/components/predict/headline.tsx";
import { PredictionTable } from "@/components/predict/prediction-table.tsx";
import { usePredictions } from "@/components/predict/use-predictions.ts";
import { Button } from "@/components/ui/button.tsx";
import { featureFields } from "@/lib/feature-range.ts";
import type { Answers, Target } from "@/lib/predictor.ts";
import { type Row, sameRow, writeRow } from "@/lib/row.ts";
import { milliseconds, serverMs } from "@/lib/time-split.ts";

/** Features that are shown; the others stay as in the example. */
const MOST_FIELDS = 4;

/** Examples to start from. */
const MOST_EXAMPLES = 3;

interface QuickPredictionProps {
  readonly contract: Contract;
  readonly card: ModelCard;
  /** The prediction that the page came with. */
  readonly initial: Answers;
}

/** A prediction to play with at once: some features, what the model says, and how long the server took. */
export function QuickPrediction({ contract, card, initial }: QuickPredictionProps) {
  const [features, setFeatures] = useState<Row>(initial.features);
  const fields = useMemo(() => featureFields(contract, card), [contract, card]);
  const shownFields = fields.slice(0, MOST_FIELDS);
  const targets: Target[] = [{ model_name: card.name }];
  const shown = usePredictions({ contract, features, targets }, initial);
  const [first] = shown.answers;
  const { timed } = shown;
  const server = timed?.timing?.server ?? null;
  const examples = contract.examples.slice(0, MOST_EXAMPLES);
  return (
    <section aria-label="A prediction" className="plate grid min-w-0 gap-4 p-4 sm:p-5">
      <div className="flex flex-wrap gap-2">
        {examples.map(({ name, features: row }) => {
          const values = asList(contract, row);
          return (
            <Button
              key={name}
              size="sm"
              aria-pressed={sameRow(values, features)}
              onClick={() => setFeatures(values)}
              className="pointer-coarse:h-11 aria-pressed:border-iris aria-pressed:bg-iris-soft"
            >
              <span className="first-letter:uppercase">{name}</span>
            </Button>
          );
        })}
      </div>
      <div className="grid min-w-0 gap-x-8 gap-y-4 md:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        <div className="grid min-w-0 content-start gap-2">
          {shownFields.map(({ name }, place) => (
            <FieldInput
              key={name}
              place={place}
              fields={shownFields}
              features={features}
              onFeatures={setFeatures}
            />
          ))}
          {fields.length > MOST_FIELDS && (
            <p className="text-[0.8125rem] text-muted">
              and {fields.length - MOST_FIELDS} more features, as in the example
            </p>
          )}
        </div>
        <div className="grid min-w-0 content-start gap-3">
          <div className="flex min-h-20 items-center gap-4">
            <Headline
              contract={contract}
              fields={fields}
              features={shown.features}
              answer={first}
              size="size-20"
            />
          </div>
          <div className="min-w-0 overflow-x-auto">
            <PredictionTable
              contract={contract}
              models={targets}
              answers={shown.answers}
              stale={shown.stale}
              onRetry={shown.retry}
            />
          </div>
          <div>
            {timed !== undefined && (
              <p className="text-[0.8125rem] text-muted">
                <span className="figures font-semibold text-ink">
                  {milliseconds(
                    serverMs({ server, processingMs: timed.result.processing_time_ms }),
                  )}{" "}
                  ms
                </span>{" "}
                in the server
              </p>
            )}
            <CheckNote check={shown.check} />
          </div>
          <p>
            <Link
              href={`/predict/${card.name}?f=${encodeURIComponent(writeRow(features))}`}
              prefetch={false}
              className="text-link inline-flex min-h-11 items-center gap-2 font-medium"
            >
              Why this prediction?
              <ArrowIcon className="size-4" />
            </Link>
          </p>
        </div>
      </div>
    </section>
  );
}
