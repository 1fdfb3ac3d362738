"use client";

import { clsx } from "clsx";
import { useMemo, useState } from "react";
import { classLabels, type Contract } from "@sepal/schema/define-contract";
import { targetsOf } from "@/lib/contract-parts.ts";
import type { ModelBackground, ModelCard } from "@sepal/schema/model-card";
import { Button } from "@/components/ui/button.tsx";
import { type FeatureField, shownValue } from "@/lib/feature-range.ts";
import { count } from "@/lib/format.ts";
import { type Bin, histogram, nearestRows, standing } from "@/lib/histogram.ts";
import { modelQuality } from "@/lib/model-quality.ts";
import { predictedNumber, withUnit } from "@/lib/prediction-text.ts";
import { classColours, ClassMark } from "./class-mark.tsx";
import { useBackground } from "./use-background.ts";
import { useFeatureOrder } from "./use-feature-order.ts";
import type { ViewProps } from "./view-tabs.tsx";

/** Distributions that are drawn before a person asks for all. */
const MOST_SHOWN = 8;

/** Rows of the training data that are listed. */
const NEAREST = 3;

const HEIGHT = 64;
const WIDTH = 200;

interface DistributionProps {
  readonly field: FeatureField;
  readonly bins: readonly Bin[];
  readonly where: string;
  readonly hasClasses: boolean;
}

/** How a feature's values are spread over the training rows, by class, and where this row is. */
function Distribution({ field, bins, where, hasClasses }: DistributionProps) {
  const totals = bins.map(({ counts }) => counts.reduce((sum, each) => sum + each, 0));
  const most = Math.max(...totals, 1);
  const width = WIDTH / bins.length;
  return (
    <figure className="min-w-0 rounded-md border border-rule p-2.5">
      <figcaption className="text-[0.8125rem] font-medium wrap-anywhere">
        {field.label}
        {field.kind === "number" && field.unit && (
          <span className="font-normal text-muted"> {field.unit}</span>
        )}
      </figcaption>
      {field.description !== "" && <p className="text-xs text-muted">{field.description}</p>}
      <svg
        role="img"
        aria-label={`${field.label} of the training rows. ${where}.`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT + 10}`}
        className="mt-1.5 h-auto w-full"
      >
        {bins.map(({ label, counts, here }, index) => {
          let top = HEIGHT;
          return (
            <g key={label}>
              <title>{`${label}: ${totals[index] ?? 0} rows`}</title>
              {counts.map((each, group) => {
                const height = (each / most) * HEIGHT;
                top -= height;
                return (
                  <rect
                    // oxlint-disable-next-line react/no-array-index-key -- one for each class
                    key={group}
                    x={index * width + 0.5}
                    y={top}
                    width={Math.max(0.5, width - 1)}
                    height={height}
                    className={hasClasses ? classColours(group).fill : "fill-iris"}
                  />
                );
              })}
              {here && (
                <path d={`M${(index + 0.5) * width} ${HEIGHT + 2}l4 7h-8z`} className="fill-ink" />
              )}
            </g>
          );
        })}
        <path d={`M0 ${HEIGHT + 0.5}H${WIDTH}`} className="stroke-edge" />
      </svg>
      <p className="figures flex justify-between gap-2 text-[0.6875rem] text-muted">
        <span className="truncate">{bins[0]?.label.split(" to ")[0]}</span>
        <span className="truncate">{bins.at(-1)?.label.split(" to ").at(-1)}</span>
      </p>
      <p className="figures text-xs">{where}</p>
    </figure>
  );
}

/** What the table is, where it comes from and how good the model is on it. */
function About({ contract, card }: { readonly contract: Contract; readonly card: ModelCard }) {
  const { about, title, description } = contract;
  const quality = modelQuality(card);
  const facts = [
    about?.row !== undefined && ["One row", about.row],
    about?.row_count !== undefined && ["Rows", count(about.row_count)],
    about?.source !== undefined && ["Source", about.source],
    about?.licence !== undefined && ["Licence", about.licence],
    outcomeFact(contract),
    [
      "Model",
      [card.family, ...quality.map(({ figure, meaning }) => `${figure} ${meaning}`)]
        .filter(Boolean)
        .join(", "),
    ],
  ].filter((fact) => fact !== false);
  return (
    <div className="min-w-0">
      <p className="max-w-3xl text-[0.8125rem] text-muted">
        <span className="font-medium text-ink">{title}.</span> {description}
      </p>
      <dl className="mt-2 flex flex-wrap gap-x-8 gap-y-1.5 text-[0.8125rem]">
        {facts.map(([name, text]) => (
          <div key={name} className="min-w-0">
            <dt className="text-xs text-muted">{name}</dt>
            <dd className="max-w-80 wrap-break-word">
              {text?.startsWith("https://") ? (
                <a href={text} rel="noreferrer" className="text-link">
                  {text.replace("https://", "")}
                </a>
              ) : (
                text
              )}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** What is predicted, under its name. */
function outcomeFact(contract: Contract): readonly [name: string, text: string] {
  if (contract.task === "embedding") return ["Vector", `${contract.dimensions} numbers`];
  if (contract.task === "classification") return ["Classes", contract.classes.join(", ")];
  return ["Targets", contract.targets.map((target) => withUnit(target.label, target)).join(", ")];
}

interface NearestProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly background: ModelBackground;
  readonly places: readonly number[];
  /** Features that have a column, as places. */
  readonly columns: readonly number[];
}

function outcome(contract: Contract, background: ModelBackground, place: number): string {
  if (contract.task === "classification") {
    return classLabels(contract)[background.class?.[place] ?? 0] ?? "";
  }
  return targetsOf(contract)
    .map((target) => {
      const column = background.targets?.indexOf(target.name) ?? -1;
      const value = background.values?.[place]?.[column];
      return value === undefined ? "" : withUnit(predictedNumber(value), target);
    })
    .join(", ");
}

/** The training rows that are most like this one, with what they are. */
function NearestRows({ contract, fields, background, places, columns }: NearestProps) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-[0.8125rem]">
        <caption className="mb-1 text-left font-medium">The nearest training rows</caption>
        <thead>
          <tr className="text-xs text-muted">
            {columns.map((place) => (
              <th key={place} scope="col" className="py-1 pr-4 text-left font-medium">
                {fields[place]?.label}
              </th>
            ))}
            <th scope="col" className="py-1 text-left font-medium">
              {contract.task === "classification"
                ? "Class"
                : targetsOf(contract)
                    .map(({ label }) => label)
                    .join(", ")}
            </th>
          </tr>
        </thead>
        <tbody className="figures">
          {places.map((row) => (
            <tr key={row} className="border-t border-rule">
              {columns.map((place) => {
                const field = fields[place];
                return (
                  <td key={place} className="py-1 pr-4">
                    {field !== undefined && shownValue(field, background.rows[row]?.[place])}
                  </td>
                );
              })}
              <td className="py-1">
                <span className="flex items-center gap-1.5">
                  {contract.task === "classification" && (
                    <ClassMark index={background.class?.[row] ?? 0} />
                  )}
                  {outcome(contract, background, row)}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Distributions(props: ViewProps & { readonly background: ModelBackground }) {
  const { contract, fields, features, background } = props;
  const [all, setAll] = useState(false);
  const { order } = useFeatureOrder(props);
  const classes = classLabels(contract);
  const groups = useMemo(() => background.class ?? background.rows.map(() => 0), [background]);
  const places = all ? order : order.slice(0, MOST_SHOWN);
  const nearest = useMemo(
    () => nearestRows(fields, background.rows, features, NEAREST),
    [fields, background, features],
  );
  return (
    <>
      <div className="mt-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-1 text-[0.8125rem]">
        <ul aria-label="Classes" className="flex flex-wrap gap-x-5 gap-y-1">
          {classes.map((label, index) => (
            <li key={label} className="flex items-center gap-2">
              <ClassMark index={index} />
              {label}
            </li>
          ))}
          <li className="flex items-center gap-2 text-muted">
            <svg viewBox="0 0 8 7" aria-hidden="true" className="h-2 w-2.5">
              <path d="M4 0l4 7h-8z" className="fill-ink" />
            </svg>
            this row
          </li>
        </ul>
        <span className="text-muted">
          {background.rows.length < background.total
            ? `A sample of ${count(background.rows.length)} of ${count(background.total)} training rows`
            : `All ${count(background.total)} training rows`}
        </span>
      </div>
      <div className={clsx("mt-2 grid gap-3 sm:grid-cols-[repeat(auto-fill,minmax(11rem,1fr))]")}>
        {places.map((place) => {
          const field = fields[place];
          if (field === undefined) return null;
          const value = features[place] ?? null;
          const values = background.rows.map((row) => row[place] ?? null);
          const table = { values, groups, groupCount: Math.max(1, classes.length) };
          return (
            <Distribution
              key={field.name}
              field={field}
              bins={histogram(field, table, value)}
              where={standing(field, values, value)}
              hasClasses={classes.length > 0}
            />
          );
        })}
      </div>
      {order.length > MOST_SHOWN && (
        <Button size="sm" variant="ghost" className="mt-2" onClick={() => setAll(!all)}>
          {all ? "Show the largest effects" : `Show all ${order.length} features`}
        </Button>
      )}
      <div className="mt-4">
        <NearestRows
          contract={contract}
          fields={fields}
          background={background}
          places={nearest}
          columns={order.slice(0, MOST_SHOWN).toSorted((a, b) => a - b)}
        />
      </div>
    </>
  );
}

/** What the model learnt from: the table, its distributions, and where this row lies among its rows. */
export function DataPanel(props: ViewProps) {
  const { contract, card, model } = props;
  const background = useBackground(model.model_name);
  return (
    <section aria-labelledby="data">
      <h2 id="data" className="sr-only">
        Training data
      </h2>
      <About contract={contract} card={card} />
      {background === null && (
        <p className="mt-4 rounded-md border border-dashed border-edge px-4 py-3 text-sm text-muted">
          The server does not publish the training rows of {model.model_name} (PUBLISH_MODELS).
        </p>
      )}
      {background === undefined && <p className="mt-4 text-sm text-muted">Loading the rows.</p>}
      {background && <Distributions {...props} background={background} />}
    </section>
  );
}
