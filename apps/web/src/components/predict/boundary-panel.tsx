"use client";

import type { Contract, FeatureInput } from "@sepal/schema/define-contract";
import type { ModelBackground } from "@sepal/schema/model-card";
import { useMemo } from "react";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import type { Target } from "@/lib/predictor.ts";
import type { Axes } from "@/lib/decision-grid.ts";
import { numberFields, shownValue } from "@/lib/feature-range.ts";
import { inSentence } from "@/lib/format.ts";
import type { Row } from "@/lib/row.ts";
import { ClassMaps } from "./class-maps.tsx";
import { ValueMaps } from "./value-maps.tsx";
import { useBackground } from "./use-background.ts";
import { useFeatureOrder } from "./use-feature-order.ts";
import type { ViewProps } from "./view-tabs.tsx";

/** What the maps of two features are made from. */
export interface MapProps {
  readonly contract: Contract;
  readonly features: Row;
  readonly models: readonly Target[];
  /** Which of the models has its map drawn; where there are several, a second map shows where they differ. */
  readonly shown: number;
  readonly axes: Axes;
  /** `null` where the server does not publish it, `undefined` until it is here. */
  readonly background: ModelBackground | null | undefined;
  /** What a map shows, such as one feature over another. */
  readonly title: string;
  /** Features that are the same all over the map, as text. */
  readonly fixed: readonly string[];
  readonly onMove: (x: number, y: number) => void;
  /** Shows another row in the form. */
  readonly onRow: (row: FeatureInput[]) => void;
}

/** The axes of a plot: those of the address, else the two numbers with the largest effect, in the contract's order. */
export function chosenAxes(
  { fields, state: { x, y } }: Pick<ViewProps, "fields" | "state">,
  order: readonly number[],
): Axes | null {
  const numbers = numberFields(fields);
  const usual = order
    .filter((place) => fields[place]?.kind === "number")
    .slice(0, 2)
    .toSorted((a, b) => a - b);
  const find = (name: string | null, place: number | undefined) =>
    numbers.find((each) => (name === null ? each.place === place : each.field.name === name));
  const [across, up] = [find(x, usual[0]), find(y, usual[1])];
  if (across === undefined || up === undefined || numbers.length < 2) return null;
  return { x: across.place, y: up.place, fieldX: across.field, fieldY: up.field };
}

function explanation(contract: Contract): string {
  return contract.task === "regression"
    ? "The prediction at every point of two features, the others as set. The deeper the colour, the larger the prediction; circles are training rows in the shade of their own value. Click to move the row."
    : "The predicted class at every point of two features, the others as set. The deeper the colour, the surer the model; small marks are training rows. Click to move the row.";
}

/** What a model predicts over two features, and where the models differ. */
export function BoundaryPanel(props: ViewProps) {
  const { contract, fields, features, model, models, state, onFeatures, onChoice } = props;
  const { order, pending } = useFeatureOrder(props);
  const chosen = chosenAxes(props, order);
  // The same object while nothing about the axes changes: the plots are drawn again only then.
  const axes = useMemo(
    () => chosen,
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the axes are their places, of the same fields
    [fields, chosen?.x, chosen?.y],
  );
  const background = useBackground(model.model_name, axes !== null);
  const numbers = numberFields(fields).map(({ field }) => field);
  const regression = contract.task === "regression" ? contract : null;
  if (pending && (state.x === null || state.y === null)) {
    return <p className="text-sm text-muted">Looking for the features with the largest effect.</p>;
  }
  const lacking =
    axes === null
      ? []
      : [axes.fieldX, axes.fieldY].filter(
          (_, place) => features[place === 0 ? axes.x : axes.y] === null,
        );
  const choice = (name: "x" | "y", label: string, value: string) => (
    <NativeSelect
      inline
      label={label}
      value={value}
      options={numbers.map((field) => ({ value: field.name, text: field.label }))}
      onChange={(chosenName) => onChoice({ [name]: chosenName })}
    />
  );
  return (
    <section aria-labelledby="regions">
      <h2 id="regions" className="sr-only">
        {regression === null ? "Decision boundary" : "Predictions over two features"}
      </h2>
      {axes === null ? (
        <p className="mt-2 rounded-md border border-dashed border-edge px-4 py-3 text-sm text-muted">
          A map needs two features that are numbers; {contract.title} has{" "}
          {numbers.length === 0 ? "none" : "one"}.
        </p>
      ) : (
        <>
          {lacking.length > 0 && (
            <p className="text-[0.8125rem] text-amber">
              {lacking.map(({ label }) => label).join(" and ")} missing: the row has no place on the
              map.
            </p>
          )}
          <div className="flex min-w-0 flex-wrap gap-x-5 gap-y-2">
            {choice("x", "Across", axes.fieldX.name)}
            {choice("y", "Up", axes.fieldY.name)}
            {regression !== null && regression.targets.length > 1 && (
              <NativeSelect
                inline
                label="Target"
                value={state.t}
                options={regression.targets.map(({ name, label }) => ({
                  value: name,
                  text: label,
                }))}
                onChange={(t) => onChoice({ t })}
              />
            )}
          </div>
          <Maps
            contract={contract}
            features={features}
            models={models}
            shown={models.indexOf(model)}
            axes={axes}
            background={background}
            title={`${axes.fieldY.label} over ${inSentence(axes.fieldX.label)}`}
            fixed={fields.flatMap((field, index) =>
              index === axes.x || index === axes.y
                ? []
                : [`${field.label} ${shownValue(field, features[index])}`],
            )}
            onRow={(f) => onChoice({ f })}
            onMove={(atX, atY) => onFeatures(features.with(axes.x, atX).with(axes.y, atY))}
            target={state.t}
          />
          <p className="mt-3 max-w-4xl text-[0.8125rem] text-muted">{explanation(contract)}</p>
        </>
      )}
    </section>
  );
}

function Maps({ target, ...maps }: MapProps & { readonly target: string }) {
  const { contract } = maps;
  return (
    <div className="mt-3 grid grid-cols-1 gap-4 md:grid-cols-2">
      {contract.task === "regression" ? (
        <ValueMaps {...maps} contract={contract} target={target} />
      ) : (
        <ClassMaps {...maps} />
      )}
    </div>
  );
}
