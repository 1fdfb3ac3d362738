"use client";

import { classLabels } from "@sepal/schema/define-contract";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { Button } from "@/components/ui/button.tsx";
import { type Counterfactual, findCounterfactuals } from "@/lib/counterfactual.ts";
import { type Axes, toGrid } from "@/lib/decision-grid.ts";
import { type FeatureField, roundToStep, shownValue } from "@/lib/feature-range.ts";
import { inSentence, plural } from "@/lib/format.ts";
import { confidenceText } from "@/lib/prediction-text.ts";
import { predictRows } from "@/lib/evaluator/page-evaluator.ts";
import type { Row } from "@/lib/row.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { ClassMark } from "./class-mark.tsx";
import { RegionMap, RegionNames } from "./decision-maps.tsx";
import { DecisionPlot } from "./decision-plot.tsx";
import { placeX, placeY } from "./plot-frame.ts";
import { useFeatureOrder } from "./use-feature-order.ts";
import { useGrids } from "./use-grids.ts";
import type { ViewProps } from "./view-tabs.tsx";

const NOTE = "mt-2 rounded-md border border-dashed border-edge px-4 py-3 text-sm text-muted";

/** A feature's way from its value to another. */
function changeText(field: FeatureField | undefined, from: Row[number], to: Row[number]): string {
  if (field === undefined) return "";
  const way = `${shownValue(field, from)} → ${shownValue(field, to)}`;
  if (field.kind !== "number" || typeof from !== "number" || typeof to !== "number") return way;
  const apart = roundToStep(Math.abs(to - from), field.step / 10);
  return `${way} (${to < from ? "−" : "+"}${apart})`;
}

interface ChangeProps {
  readonly fields: readonly FeatureField[];
  readonly features: Row;
  readonly found: Counterfactual;
  readonly onTake: (row: Row) => void;
}

function Change({ fields, features, found, onTake }: ChangeProps) {
  const { places, row, prediction } = found;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-3 border-t border-rule py-1">
      <span className="min-w-0">
        {places.map((place) => (
          <span key={place} className="figures block">
            <span className="font-medium">{fields[place]?.label}</span>{" "}
            {changeText(fields[place], features[place] ?? null, row[place] ?? null)}
          </span>
        ))}
      </span>
      <span className="ml-auto flex items-center gap-3">
        <span className="flex items-center gap-1.5">
          <ClassMark index={prediction.class} />
          {prediction.label}
          <span className="figures text-muted">{confidenceText(prediction)}</span>
        </span>
        <Button size="sm" variant="ghost" onClick={() => onTake(row)}>
          Try it
        </Button>
      </span>
    </li>
  );
}

/** The axes of a map that shows a change: what changes, and beside a lone number the one with the largest effect. */
function changeAxes(
  fields: readonly FeatureField[],
  places: readonly number[],
  order: readonly number[],
): Axes | null {
  const wanted = [...places, ...order].filter((place) => fields[place]?.kind === "number");
  const [a, b] = [...new Set(wanted)].slice(0, 2).toSorted((one, other) => one - other);
  if (a === undefined || b === undefined) return null;
  const [fieldX, fieldY] = [fields[a], fields[b]];
  if (fieldX?.kind !== "number" || fieldY?.kind !== "number") return null;
  return { x: a, y: b, fieldX, fieldY };
}

function Arrow({ axes, from, to }: { readonly axes: Axes; readonly from: Row; readonly to: Row }) {
  const at = (row: Row) => {
    const [x, y] = [row[axes.x], row[axes.y]];
    return typeof x === "number" && typeof y === "number"
      ? { x: placeX(axes.fieldX, x), y: placeY(axes.fieldY, y) }
      : null;
  };
  const [start, end] = [at(from), at(to)];
  if (start === null || end === null) return null;
  return (
    <g className="fill-none stroke-ink" strokeWidth="2.25">
      <path
        d={`M${start.x} ${start.y}L${end.x} ${end.y}`}
        className="stroke-surface"
        strokeWidth="5"
      />
      <path d={`M${start.x} ${start.y}L${end.x} ${end.y}`} />
      <circle cx={end.x} cy={end.y} r="6" className="fill-surface" />
      <path d={`M${end.x - 3} ${end.y - 3}l6 6m0-6l-6 6`} strokeWidth="1.5" />
    </g>
  );
}

interface ChangeMapProps extends ViewProps {
  readonly axes: Axes;
  readonly found: Counterfactual;
  /** The row that was searched. */
  readonly from: Row;
}

function ChangeMap({ contract, model, axes, found, from, onFeatures }: ChangeMapProps) {
  const classes = classLabels(contract);
  const models = useMemo(() => [model], [model]);
  const [grid] = useGrids({ contract, features: from, models, axes, key: "grid", select: toGrid });
  return (
    <DecisionPlot
      axes={axes}
      features={from}
      points={null}
      title={`${axes.fieldY.label} over ${inSentence(axes.fieldX.label)}`}
      description={`The smallest change crosses the boundary to ${found.prediction.label}.`}
      onMove={(x, y) => onFeatures(from.with(axes.x, x).with(axes.y, y))}
      above={
        <>
          {grid !== undefined && <RegionNames grid={grid} classes={classes} />}
          <Arrow axes={axes} from={from} to={found.row} />
        </>
      }
    >
      {grid !== undefined && <RegionMap grid={grid} />}
    </DecisionPlot>
  );
}

function useCounterfactuals(props: ViewProps) {
  const { contract, fields, features, model, state } = props;
  const { order, pending } = useFeatureOrder(props);
  const settled = useSettled(features, 250);
  const wanted = state.to === null ? null : classLabels(contract).indexOf(state.to);
  const { data, error } = useQuery({
    queryKey: ["counterfactual", contract.name, model, settled, wanted, order.join()],
    queryFn: async ({ signal }) => {
      const predict = (rows: readonly Row[]) => predictRows(contract, model, rows, signal);
      const [prediction] = await predict([settled]);
      if (prediction === undefined || !("class" in prediction)) return null;
      if (prediction.class === wanted) return { prediction, from: settled, single: [], pair: null };
      const search = { fields, features: settled, prediction, wanted, order, predict };
      return { prediction, from: settled, ...(await findCounterfactuals(search)) };
    },
    enabled: contract.task === "classification" && !pending,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  return { data, error, order };
}

/** Changes that are listed; those further away are of no use. */
const MOST_LISTED = 6;

function Found(props: ViewProps) {
  const { contract, fields, model, state, onChoice } = props;
  const { data, error, order } = useCounterfactuals(props);
  if (error !== null) return <p className={NOTE}>{error.message}</p>;
  if (data === undefined) return <p className={NOTE}>Searching.</p>;
  if (data === null) return null;
  const { prediction, from, single, pair } = data;
  const nearest = pair ?? single[0];
  if (nearest === undefined) {
    return (
      <p className={NOTE}>
        {prediction.label === state.to
          ? `${model.model_name} predicts ${state.to} already.`
          : `No change of one feature, or of two numbers, within the range of the training data makes ${model.model_name} predict ${state.to ?? "another class"}.`}
      </p>
    );
  }
  const axes = changeAxes(fields, nearest.places, order);
  const take = (row: Row) => onChoice({ f: [...row] });
  const shared = { fields, features: from, onTake: take };
  return (
    <div className="mt-3 grid gap-x-6 gap-y-4 md:grid-cols-2">
      <div className="min-w-0 text-[0.8125rem]">
        {pair !== null && (
          <>
            <h3 className="mb-1 font-medium">The smallest change: two features</h3>
            <ul aria-label="Smallest change" className="mb-4">
              <Change {...shared} found={pair} />
            </ul>
          </>
        )}
        <h3 className="mb-1 font-medium">One feature at a time, the nearest first</h3>
        {single.length === 0 ? (
          <p className="text-muted">No feature changes the class alone.</p>
        ) : (
          <ul aria-label="Changes of one feature">
            {single.slice(0, MOST_LISTED).map((found) => (
              <Change key={found.places.join()} {...shared} found={found} />
            ))}
          </ul>
        )}
        {single.length > 0 && single.length < fields.length && (
          <p className="mt-2 text-muted">
            No other value of the {plural(fields.length - single.length, "other feature")} changes
            the class alone.
          </p>
        )}
      </div>
      {axes === null ? (
        <p className="text-[0.8125rem] text-muted">
          A map needs two features that are numbers; {contract.title} has fewer.
        </p>
      ) : (
        <ChangeMap {...props} axes={axes} found={nearest} from={from} />
      )}
    </div>
  );
}

/** The smallest change of the row that gives it another class, drawn on the map. */
export function CounterfactualPanel(props: ViewProps) {
  const { contract, state, onChoice } = props;
  const classes = classLabels(contract);
  return (
    <section aria-labelledby="counterfactual">
      <h2 id="counterfactual" className="sr-only">
        Counterfactual
      </h2>
      {contract.task === "regression" ? (
        <p className={NOTE}>
          A counterfactual changes a class, and {contract.title} predicts a number. The tab What if
          shows what moves it.
        </p>
      ) : (
        <>
          <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
            <p className="max-w-2xl text-[0.8125rem] text-muted">
              The smallest change within the range of the training data that makes the model predict
              another class. Changes are compared as shares of each feature’s range.
            </p>
            <NativeSelect
              inline
              label="Class to reach"
              value={state.to ?? ""}
              options={[
                { value: "", text: "any other" },
                ...classes.map((label) => ({ value: label, text: label })),
              ]}
              onChange={(to) => onChoice({ to: to === "" ? null : to })}
            />
          </div>
          <Found {...props} />
        </>
      )}
    </section>
  );
}
