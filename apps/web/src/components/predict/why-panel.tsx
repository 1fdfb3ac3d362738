"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useState } from "react";
import { toFailure } from "@sepal/client/failure";
import { classLabels, type Contract, type Regression } from "@sepal/schema/define-contract";
import type { Target } from "@/lib/predictor.ts";
import { Button } from "@/components/ui/button.tsx";
import { type FeatureField, shownValue } from "@/lib/feature-range.ts";
import { count, plural } from "@/lib/format.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { type Step, waterfall, waterfallBounds } from "@/lib/waterfall.ts";
import { contractClient, type Explanation } from "@/lib/contract-client.ts";
import { hasProbabilities } from "@/lib/contract-parts.ts";
import { failureText } from "@/lib/failure.ts";
import { trpc } from "@/lib/trpc.ts";
import { ClassMark } from "./class-mark.tsx";
import { percent, predictedNumber } from "@/lib/prediction-text.ts";
import { type Row, type RowBody, rowBody } from "@/lib/row.ts";
import { ticks } from "./plot-frame.ts";
import type { ViewProps } from "./view-tabs.tsx";

/** Asks what each feature adds to a row's prediction; rejects with what went wrong in words. */
async function explain(
  contract: Contract,
  request: Target & { readonly features: RowBody },
  signal: AbortSignal,
): Promise<Explanation> {
  try {
    return await contractClient(trpc, contract).explain.mutate(request, { signal });
  } catch (error) {
    throw new Error(failureText(toFailure(error)), { cause: error });
  }
}

const ROW = "grid grid-cols-[minmax(5.75rem,26%)_1fr_3.75rem] items-center gap-x-2.5";

/** One number that is split among the features: a class's probability or a target's value. */
interface Part {
  readonly label: string;
  /** Index of the class; `null` for a target. */
  readonly classIndex: number | null;
  readonly base: number;
  readonly value: number;
  /** What each feature adds. */
  readonly added: readonly number[];
  readonly text: (value: number) => string;
}

function classParts(
  classes: readonly string[],
  { proba, base, contributions }: Extract<Explanation, { proba: number[] }>,
  fields: readonly FeatureField[],
): Part[] {
  return classes.map((label, index) => ({
    label,
    classIndex: index,
    base: base[index] ?? 0,
    value: proba[index] ?? 0,
    added: fields.map(({ name }) => contributions[name]?.[index] ?? 0),
    text: percent,
  }));
}

function targetParts(
  { targets }: Regression,
  { values, base, contributions }: Extract<Explanation, { values: object }>,
  fields: readonly FeatureField[],
): Part[] {
  return targets.map(({ name: target, label, unit }) => ({
    label: unit ? `${label} (${unit})` : label,
    classIndex: null,
    base: base[target] ?? 0,
    value: values[target] ?? 0,
    added: fields.map(({ name }) => contributions[name]?.[target] ?? 0),
    text: predictedNumber,
  }));
}

function partsOf(
  contract: Contract,
  explanation: Explanation,
  fields: readonly FeatureField[],
): Part[] {
  if ("proba" in explanation) return classParts(classLabels(contract), explanation, fields);
  return contract.task === "regression" ? targetParts(contract, explanation, fields) : [];
}

interface Axis {
  /** Ends of the axis. */
  readonly bounds: Step;
  readonly ticks: readonly number[];
  readonly tick: (value: number) => string;
}

function partSteps({ base, added }: Part): Step[] {
  return waterfall(base, added);
}

/** One axis for the probabilities of all classes. */
function sharedAxis(parts: readonly Part[]): Axis {
  const bounds = waterfallBounds(parts.map(partSteps), [0, 1]);
  return { bounds, ticks: [0, 0.5, 1], tick: (share) => (share === 0.5 ? "" : `${share * 100} %`) };
}

/** An axis of its own for a target, whose unit no other has. */
function ownAxis(part: Part): Axis {
  const { from, to } = waterfallBounds([partSteps(part)], [part.base, part.value]);
  const margin = (to - from) / 12 || 1;
  const bounds = { from: from - margin, to: to + margin };
  return {
    bounds,
    ticks: ticks(bounds.from, bounds.to, 3),
    tick: (value) => value.toLocaleString("en"),
  };
}

function signed(value: number, text: (value: number) => string): string {
  const size = text(Math.abs(value));
  if (size === text(0)) return size;
  return `${value < 0 ? "−" : "+"}${size}`;
}

interface ContributionPanelProps {
  readonly part: Part;
  readonly axis: Axis;
  readonly likeliest: boolean;
  /** The features and their values. */
  readonly names: readonly { readonly label: string; readonly value: string }[];
}

/** How the features lead from the average prediction to the one of this row. */
function ContributionPanel({ part, axis, likeliest, names }: ContributionPanelProps) {
  const { label, classIndex, base, value, added, text } = part;
  const { bounds } = axis;
  const steps = partSteps(part);
  const place = (at: number) => `${((at - bounds.from) / (bounds.to - bounds.from)) * 100}%`;
  return (
    <figure className="min-w-0 rounded-md border border-rule p-3 text-[0.8125rem]">
      <figcaption className="flex items-baseline justify-between gap-3">
        <span className={clsx("flex items-center gap-2", likeliest && "font-semibold")}>
          {classIndex !== null && <ClassMark index={classIndex} className="self-center" />}
          {label}
        </span>
        <span className="figures text-muted">
          {text(base)} <span aria-hidden="true">→</span>
          <span className="sr-only">on average, here</span>{" "}
          <span className={clsx("text-ink", likeliest && "font-semibold")}>{text(value)}</span>
        </span>
      </figcaption>
      <div className="relative mt-2">
        <div aria-hidden="true" className={clsx(ROW, "pointer-events-none absolute inset-0")}>
          <span className="relative col-start-2 h-full">
            {axis.ticks.map((tick) => (
              <span
                key={tick}
                className="absolute inset-y-0 w-px bg-rule"
                style={{ left: place(tick) }}
              />
            ))}
            <span
              className="absolute inset-y-0 border-l border-dashed border-ink"
              style={{ left: place(base) }}
            />
            <span
              className="absolute inset-y-0 -ml-px border-l-2 border-ink"
              style={{ left: place(value) }}
            />
          </span>
        </div>
        <ul aria-label={`Contributions to ${label}`} className="relative grid">
          {names.map(({ label: name, value: at }, feature) => {
            const { from, to } = steps[feature] ?? { from: 0, to: 0 };
            const addend = added[feature] ?? 0;
            return (
              <li key={name} className={clsx(ROW, "min-h-8 py-0.5")}>
                <span title={`${name}: ${at}`} className="min-w-0 leading-3.5">
                  <span className="line-clamp-2 text-xs leading-3.5 wrap-anywhere">{name}</span>
                  <span className="figures block truncate text-[0.6875rem] text-muted">{at}</span>
                </span>
                <span className="relative h-4">
                  <span
                    className={clsx(
                      "absolute inset-y-0 min-w-0.5 rounded-xs",
                      addend < 0 ? "bg-rose" : "bg-leaf",
                    )}
                    style={{
                      left: place(Math.min(from, to)),
                      right: `calc(100% - ${place(Math.max(from, to))})`,
                    }}
                  />
                </span>
                <span className="figures text-right">{signed(addend, text)}</span>
              </li>
            );
          })}
        </ul>
      </div>
      <div aria-hidden="true" className={clsx(ROW, "mt-1 text-xs text-muted")}>
        <span className="relative col-start-2 h-4">
          {axis.ticks.map((tick) => (
            <span
              key={tick}
              className="absolute -translate-x-1/2 whitespace-nowrap"
              style={{ left: place(tick) }}
            >
              {axis.tick(tick)}
            </span>
          ))}
        </span>
      </div>
    </figure>
  );
}

/** Features that have a bar each; the others share one. */
const MOST_BARS = 10;

/** The features in the order of their bars: the largest contribution to any output first, in the contract's order where all fit. */
function barOrder(parts: readonly Part[], features: number): readonly number[] {
  const places = Array.from({ length: features }, (_, place) => place);
  if (features <= MOST_BARS) return places;
  const size = (place: number) =>
    Math.max(...parts.map(({ added }) => Math.abs(added[place] ?? 0)));
  return places.toSorted((a, b) => size(b) - size(a));
}

/** A part whose bars are those of the named features, and one for all others. */
function folded(part: Part, shown: readonly number[], rest: readonly number[]): Part {
  const added = shown.map((place) => part.added[place] ?? 0);
  if (rest.length === 0) return { ...part, added };
  const others = rest.reduce((sum, place) => sum + (part.added[place] ?? 0), 0);
  return { ...part, added: [...added, others] };
}

const METHODS: Record<Explanation["method"], string> = {
  exact: "Exact Shapley values, from every coalition of the features.",
  tree: "Exact Shapley values, from the paths through the trees.",
  linear: "Exact Shapley values, in closed form from the linear model.",
  sampled: "Shapley values estimated from random orders of the features.",
};

/** The largest standard error of a sampled explanation; `null` where the values are exact. */
function standardError({ standard_error: errors }: Explanation): number | null {
  if (errors === undefined) return null;
  const all: readonly (readonly number[] | Readonly<Record<string, number>>)[] =
    Object.values(errors);
  return Math.max(...all.flatMap((byOutput) => Object.values(byOutput)));
}

interface MethodNoteProps {
  readonly explanation: Explanation;
  readonly text: (value: number) => string;
}

/** How the contributions were computed, and how far off they may be. */
function MethodNote({ explanation, text }: MethodNoteProps) {
  const error = standardError(explanation);
  const { rows } = explanation;
  return (
    <p className="text-[0.8125rem] text-muted">
      <span className="font-medium text-ink">Method: {explanation.method}.</span>{" "}
      {METHODS[explanation.method]}
      {error !== null && ` Standard error of a contribution: at most ${text(error)}.`}
      {rows !== undefined && ` ${count(rows)} rows predicted.`}
    </p>
  );
}

interface ContributionBarsProps {
  readonly contract: Contract;
  readonly explanation: Explanation;
  readonly fields: readonly FeatureField[];
  readonly features: Row;
}

/** From the average to the prediction, feature by feature: every class on one scale, every target on its own. */
function ContributionBars({ contract, explanation, fields, features }: ContributionBarsProps) {
  const [all, setAll] = useState(false);
  const parts = partsOf(contract, explanation, fields);
  const likeliest = Math.max(...parts.map(({ value }) => value));
  const order = barOrder(parts, fields.length);
  const shown = all ? order : order.slice(0, MOST_BARS);
  const rest = order.slice(shown.length);
  const drawn = parts.map((part) => folded(part, shown, rest));
  const shared = sharedAxis(drawn);
  const names = shown.flatMap((place) => {
    const field = fields[place];
    return field === undefined
      ? []
      : [{ label: field.label, value: shownValue(field, features[place]) }];
  });
  if (rest.length > 0)
    names.push({ label: plural(rest.length, "other feature"), value: "together" });
  return (
    <>
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <MethodNote explanation={explanation} text={parts[0]?.text ?? percent} />
        {order.length > MOST_BARS && (
          <Button size="sm" variant="ghost" onClick={() => setAll(!all)}>
            {all ? `Show the ${MOST_BARS} largest` : `Show all ${order.length}`}
          </Button>
        )}
      </div>
      <ul
        aria-hidden="true"
        className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-[0.8125rem] text-muted"
      >
        <li className="flex items-center gap-2">
          <span className="h-3 w-5 rounded-xs bg-leaf" /> adds
        </li>
        <li className="flex items-center gap-2">
          <span className="h-3 w-5 rounded-xs bg-rose" /> takes away
        </li>
        <li className="flex items-center gap-2">
          <span className="h-4 border-l border-dashed border-ink" /> average of the training data
        </li>
        <li className="flex items-center gap-2">
          <span className="h-4 border-l-2 border-ink" /> this prediction
        </li>
      </ul>
      <div className={clsx("mt-3 grid gap-3", COLUMNS[Math.min(3, drawn.length)])}>
        {drawn.map((part) => (
          <ContributionPanel
            key={part.label}
            part={part}
            axis={part.classIndex === null ? ownAxis(part) : shared}
            likeliest={part.classIndex !== null && part.value === likeliest}
            names={names}
          />
        ))}
      </div>
    </>
  );
}

const COLUMNS = ["", "max-w-3xl", "md:grid-cols-2", "md:grid-cols-2 xl:grid-cols-3"];

const NOTE = "rounded-md border border-dashed border-edge px-4 py-3 text-sm text-muted";

function Contributions({ contract, fields, features, model }: ViewProps) {
  const settled = useSettled(features, 120);
  const { data, error } = useQuery({
    queryKey: ["explain", contract.name, model, settled],
    queryFn: ({ signal }) =>
      explain(contract, { features: rowBody(contract, settled), ...model }, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  if (error !== null) return <p className={NOTE}>{error.message}</p>;
  if (data === undefined) return <p className={NOTE}>Computing.</p>;
  return (
    <ContributionBars contract={contract} explanation={data} fields={fields} features={settled} />
  );
}

function subject(contract: Contract): string {
  if (contract.task === "regression") return "the prediction";
  return hasProbabilities(contract) ? "a probability" : "whether a class is predicted";
}

/** Why a version's predictions are not explained; `null` where they are. */
function notExplained({ card, model }: ViewProps): string | null {
  const wanted = model.model_version ?? card.default_version;
  const version = card.versions.find((each) => each.version === wanted);
  if (version?.explain.offered === true) return null;
  return version?.explain.reason ?? "the server does not explain it";
}

/** What each feature contributes to the prediction, or why that is not shown. */
export function WhyPanel(props: ViewProps) {
  const reason = notExplained(props);
  return (
    <section aria-labelledby="contributions">
      <h2 id="contributions" className="sr-only">
        Feature contributions
      </h2>
      <p className="mb-2 max-w-3xl text-[0.8125rem] text-muted">
        Each bar is what knowing one feature adds to {subject(props.contract)}, from the average
        prediction to this one.
      </p>
      {reason === null ? (
        <Contributions {...props} />
      ) : (
        <p className={NOTE}>
          {props.model.model_name} is not explained: {reason}.
        </p>
      )}
    </section>
  );
}
