"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { classLabels, type Contract } from "@sepal/schema/define-contract";
import { Button } from "@/components/ui/button.tsx";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { hasProbabilities } from "@/lib/contract-parts.ts";
import { modelOutputs } from "@/lib/model-outputs.ts";
import { predictedNumber, withUnit } from "@/lib/prediction-text.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { MOST_VARIED, variations } from "@/lib/what-if.ts";
import { ClassMark } from "./class-mark.tsx";
import { ticks, tickText } from "./plot-frame.ts";
import { predictionsQuery } from "./predictions-query.ts";
import { useFeatureOrder } from "./use-feature-order.ts";
import type { ViewProps } from "./view-tabs.tsx";
import { ChoiceChart } from "./choice-chart.tsx";
import { type CurveScale, WhatIfChart } from "./what-if-chart.tsx";

/** An axis for probabilities; of labels alone the words have no number. */
function shareScale(contract: Contract): CurveScale {
  const classes = classLabels(contract);
  const label = (heights: readonly number[], index: number) =>
    `${classes[index]} ${((heights[index] ?? 0) * 100).toFixed(0)} %`;
  const likeliest = (heights: readonly number[]) => heights.indexOf(Math.max(...heights));
  const alone = (heights: readonly number[]) => classes[likeliest(heights)] ?? "";
  const words = hasProbabilities(contract)
    ? {
        all: (heights: readonly number[]) =>
          classes.map((_, index) => label(heights, index)).join(", "),
        most: (heights: readonly number[]) => label(heights, likeliest(heights)),
      }
    : { all: alone, most: alone };
  return { min: 0, max: 1, ticks: [0, 0.5, 1], tick: (share) => `${share * 100}%`, ...words };
}

/** An axis for all curves of a target, so that one can compare how much each feature moves it. */
function targetScale(values: readonly number[], unit: string | undefined): CurveScale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) / 20 || Math.abs(high) / 20 || 1;
  const [min, max] = [low - margin, high + margin];
  const words = ([value = Number.NaN]: readonly number[]) =>
    withUnit(predictedNumber(value), { unit });
  return { min, max, ticks: ticks(min, max, 4), tick: tickText, all: words, most: words };
}

function whatOf(contract: Contract): string {
  return hasProbabilities(contract) ? "Probabilities" : "Predicted class";
}

function explanation(contract: Contract): string {
  const what = "Each picture changes one feature and keeps the others.";
  const where = "The vertical line is where it stands now.";
  if (contract.task === "regression" || hasProbabilities(contract)) {
    return `Each curve moves one feature through its range and keeps the others. ${where}`;
  }
  return `${what} ${where} The model predicts the class alone, so a line is at 100 % or 0 %.`;
}

/** Charts that are drawn before a person asks for all. */
const MOST_CHARTS = 12;

/** Fewer that are left out are not worth a button. */
const WORTH_FOLDING = 3;

/** An effect below this share of the largest is flat to the eye. */
const FLAT = 0.01;

/** The features that are worth a chart, by effect: those that move the prediction, or all where the effect is unknown. */
function notFlat(
  order: readonly number[],
  effects: readonly number[] | undefined,
): readonly number[] {
  if (effects === undefined) return order;
  const least = FLAT * Math.max(...effects);
  const moving = order.filter((place) => (effects[place] ?? 0) > least);
  return moving.length > 0 ? moving : order;
}

/** How the prediction would change if one feature changed and the others stayed. */
export function WhatIfPanel(props: ViewProps) {
  const { contract, fields, features, model, state, onChoice } = props;
  const { t: target } = state;
  const [all, setAll] = useState(false);
  const { order, effects, pending } = useFeatureOrder(props);
  const settled = useSettled(features, 120);
  const classes = classLabels(contract);
  // The same objects while nothing about them changes: a chart is drawn again only then.
  const varied = useMemo(() => {
    const moving = notFlat(order, effects);
    const folds = order.length - Math.min(moving.length, MOST_CHARTS) >= WORTH_FOLDING;
    return variations(fields, all || !folds ? order : moving.slice(0, MOST_CHARTS));
  }, [fields, order, effects, all]);
  const { data } = useQuery({
    ...predictionsQuery({
      key: ["what-if", varied.map(({ place }) => place).join(), target, settled],
      contract,
      target: model,
      rows: () =>
        varied.flatMap(({ place, values }) => values.map((value) => settled.with(place, value))),
      select: (predictions) => {
        const outputs = predictions.map((each) => modelOutputs(contract, each, target));
        const curves = new Map<number, number[][]>();
        let from = 0;
        for (const { place, values } of varied) {
          curves.set(place, outputs.slice(from, from + values.length));
          from += values.length;
        }
        return curves;
      },
    }),
    enabled: !pending,
  });
  const regression = contract.task === "regression" ? contract : null;
  const spec = regression?.targets.find(({ name }) => name === target);
  const unit = spec?.unit;
  const scale = useMemo(
    () =>
      contract.task === "regression"
        ? targetScale(data === undefined ? [0, 1] : [...data.values()].flat(2), unit)
        : shareScale(contract),
    [contract, data, unit],
  );
  const name = spec?.label ?? target;
  const series = useMemo(() => (classes.length > 0 ? classes : [name]), [classes, name]);
  return (
    <section aria-labelledby="what-if">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
        <div className="max-w-3xl">
          <h2 id="what-if" className="sr-only">
            What if one feature changed
          </h2>
          <p className="text-[0.8125rem] text-muted">
            {explanation(contract)}
            {!pending && varied.length < fields.length && (
              <>
                {" "}
                {effects === undefined
                  ? `The first ${varied.length} of ${fields.length} features are shown.`
                  : `The ${varied.length} of ${fields.length} features with the largest effect are shown.`}
              </>
            )}
          </p>
        </div>
        <div className="flex flex-wrap items-end gap-3">
          {regression !== null && regression.targets.length > 1 && (
            <NativeSelect
              label="Target of the curves"
              value={target}
              options={regression.targets.map((each) => ({ value: each.name, text: each.label }))}
              onChange={(t) => onChoice({ t })}
            />
          )}
          {fields.length <= MOST_VARIED && (all || varied.length < fields.length) && (
            <Button size="sm" variant="ghost" onClick={() => setAll(!all)}>
              {all ? "Show the largest effects" : `Show all ${fields.length}`}
            </Button>
          )}
        </div>
      </div>
      {regression === null && (
        <ul aria-label="Lines" className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-[0.8125rem]">
          {classes.map((label, index) => (
            <li key={label} className="flex items-center gap-2">
              <ClassMark index={index} />
              {label}
            </li>
          ))}
        </ul>
      )}
      <div className="mt-3 grid gap-3 sm:grid-cols-2 xl:grid-cols-[repeat(auto-fill,minmax(13rem,1fr))]">
        {!pending &&
          varied.map(({ field, place, values }) => {
            const shared = {
              value: features[place] ?? null,
              values,
              heights: data?.get(place),
              series,
              scale,
              what: regression === null ? whatOf(contract) : name,
            };
            if (field.kind === "text") return null;
            return field.kind === "number" ? (
              <WhatIfChart key={field.name} field={field} {...shared} />
            ) : (
              <ChoiceChart key={field.name} field={field} {...shared} />
            );
          })}
      </div>
    </section>
  );
}
