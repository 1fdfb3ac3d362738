"use client";

import type { Contract } from "@sepal/schema/define-contract";
import { useQuery } from "@tanstack/react-query";
import type { Target } from "@/lib/ask-models.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { ClassMark } from "./class-mark.tsx";
import { batchQuery } from "./use-batch.ts";
import { WhatIfChart } from "./what-if-chart.tsx";

/** Points of a curve. */
const STEPS = 41;

function sweep({ min, max }: FeatureField): number[] {
  return Array.from({ length: STEPS }, (_, step) => min + (step / (STEPS - 1)) * (max - min));
}

interface WhatIfSectionProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly features: readonly number[];
  readonly target: Target;
}

/** How the probabilities would change if one feature changed and the others stayed. */
export function WhatIfSection({ contract, fields, features, target }: WhatIfSectionProps) {
  const settled = useSettled(features, 120);
  const { data } = useQuery(
    batchQuery({
      key: ["what-if", fields, settled],
      contract,
      target,
      rows: () =>
        fields.flatMap((field, index) => sweep(field).map((value) => settled.with(index, value))),
      select: (predictions) =>
        fields.map((_, index) =>
          predictions.slice(index * STEPS, (index + 1) * STEPS).map(({ proba }) => proba),
        ),
    }),
  );
  return (
    <section aria-labelledby="what-if">
      <h2 id="what-if" className="text-2xl">
        What if one thing changed
      </h2>
      <p className="mt-1.5 max-w-2xl text-muted">
        Each curve moves one feature through its range and keeps the others. The vertical line is
        where it stands now.
      </p>
      <ul aria-label="Lines" className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {contract.classes.map((label, index) => (
          <li key={label} className="flex items-center gap-2">
            <ClassMark index={index} />
            {label}
          </li>
        ))}
      </ul>
      <div className="mt-4 grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        {fields.map((field, index) => (
          <WhatIfChart
            key={field.name}
            field={field}
            value={features[index] ?? 0}
            classes={contract.classes}
            curve={data?.[index]}
          />
        ))}
      </div>
    </section>
  );
}
