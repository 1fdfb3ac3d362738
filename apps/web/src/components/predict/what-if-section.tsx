"use client";

import { useQuery } from "@tanstack/react-query";
import { memo } from "react";
import type { Contract } from "@sepal/schema/define-contract";
import type { Target } from "@/lib/ask-models.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { inSentence } from "@/lib/format.ts";
import { classColours, ClassMark, classShape } from "./class-mark.tsx";
import { batchQuery } from "./use-batch.ts";
import { axisTitle, ticks } from "./plot-frame.ts";

const WIDTH = 260;
const HEIGHT = 150;
const BOX = { left: 36, right: 8, top: 8, bottom: 22 };
const DASHES = ["", "6 3", "2 3", "8 3 2 3", "1 2", "10 4"];

interface WhatIfChartProps {
  readonly field: FeatureField;
  /** Where the feature stands now. */
  readonly value: number;
  readonly classes: readonly string[];
  /** Probabilities `[steps, classes]` from the field's smallest to its largest value. */
  readonly curve: readonly (readonly number[])[] | undefined;
}

/** The probability of every class along one feature. */
const WhatIfChart = memo(function WhatIfChart(props: WhatIfChartProps) {
  const { field, value, classes, curve } = props;
  const placeX = (at: number) =>
    BOX.left + ((at - field.min) / (field.max - field.min)) * (WIDTH - BOX.left - BOX.right);
  const placeY = (share: number) => BOX.top + (1 - share) * (HEIGHT - BOX.top - BOX.bottom);
  const last = (curve?.length ?? 0) - 1;
  const at = (step: number) => field.min + (step / last) * (field.max - field.min);
  const now = Math.min(field.max, Math.max(field.min, value));
  const ends = curve
    ?.at(-1)
    ?.map((share, index) => `${classes[index]} ${(share * 100).toFixed(0)} %`);
  return (
    <figure className="plate min-w-0 p-3">
      <figcaption className="mb-1 text-sm font-medium">{axisTitle(field)}</figcaption>
      <svg
        role="img"
        aria-label={`Probabilities along ${inSentence(field.label)}. At ${field.max}: ${ends?.join(", ") ?? "not computed yet"}`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="h-auto w-full"
      >
        <g className="fill-muted stroke-rule text-[10.5px]">
          {[0, 0.5, 1].map((share) => (
            <g key={share}>
              <path d={`M${BOX.left} ${placeY(share)}H${WIDTH - BOX.right}`} />
              <text x={BOX.left - 5} y={placeY(share) + 3.5} textAnchor="end" stroke="none">
                {share * 100}%
              </text>
            </g>
          ))}
          {ticks(field.min, field.max, 5).map((tick) => (
            <text key={tick} x={placeX(tick)} y={HEIGHT - 6} textAnchor="middle" stroke="none">
              {tick}
            </text>
          ))}
        </g>
        <path d={`M${placeX(now)} ${BOX.top}V${HEIGHT - BOX.bottom}`} className="stroke-ink" />
        {curve !== undefined &&
          classes.map((label, index) => {
            const points = curve.map(
              (shares, step) =>
                `${placeX(at(step)).toFixed(1)} ${placeY(shares[index] ?? 0).toFixed(1)}`,
            );
            // The mark stands where the class is likeliest, so that lines are told by shape too.
            const peak = curve.reduce(
              (best, shares, step) =>
                (shares[index] ?? 0) > (curve[best]?.[index] ?? 0) ? step : best,
              0,
            );
            const { fill, stroke } = classColours(index);
            return (
              <g key={label}>
                <path
                  d={`M${points.join("L")}`}
                  className={`fill-none ${stroke}`}
                  strokeWidth="2"
                  strokeLinejoin="round"
                  strokeDasharray={DASHES[index % DASHES.length]}
                />
                <path
                  d={classShape(index)}
                  transform={`translate(${points[peak]?.replace(" ", ",")}) scale(0.9)`}
                  className={`${fill} stroke-surface`}
                  strokeWidth="1.2"
                />
              </g>
            );
          })}
      </svg>
    </figure>
  );
});

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
