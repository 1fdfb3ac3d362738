"use client";

import { useId, useState } from "react";
import { clsx } from "clsx";
import type { Contract, NumberDomain } from "@sepal/schema/define-contract";
import {
  type FeatureField,
  featureProblem,
  groupFields,
  roundToStep,
} from "@/lib/feature-range.ts";
import { WarningIcon } from "@/components/icons.tsx";
import { Slider } from "@/components/ui/slider.tsx";
import { Bloom } from "./bloom.tsx";

interface ExamplesProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly features: readonly number[];
  readonly onChoose: (features: number[]) => void;
}

/** Rows to start from, each drawn as its flower; the chosen one is marked. */
function Examples({ contract, fields, features, onChoose }: ExamplesProps) {
  const classOf = (name: string) => {
    const named = contract.classes.filter((label) => name.includes(label));
    return named.length === 1 ? contract.classes.indexOf(named[0] ?? "") : null;
  };
  return (
    <ul aria-label="Examples" className="grid grid-cols-2 gap-2">
      {contract.examples.map((example) => (
        <li key={example.name}>
          <button
            type="button"
            aria-pressed={example.features.join() === features.join()}
            onClick={() => onChoose([...example.features])}
            className="flex h-full w-full items-center gap-2.5 rounded-md border border-rule bg-paper px-2 py-1.5 text-left text-[0.8125rem] leading-tight hover:border-edge aria-pressed:border-iris aria-pressed:bg-iris-soft"
          >
            <Bloom
              fields={fields}
              features={example.features}
              classIndex={classOf(example.name)}
              className="size-9"
            />
            <span className="min-w-0 break-words first-letter:uppercase">{example.name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface FeatureInputProps {
  readonly field: FeatureField;
  readonly domain: NumberDomain;
  /** One of many: smaller, with the unit beside the name. */
  readonly compact: boolean;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** What to mind about a value that is allowed but unlike the training data. */
function warning({ training, unit }: FeatureField, value: number): string | null {
  if (training === null || (value >= training.min && value <= training.max)) return null;
  const side = value < training.min ? "below" : "above";
  return `Outside the training range, ${side} everything the model has seen (${training.min} to ${training.max}${unit && ` ${unit}`}).`;
}

/** One feature: a slider and a number field with its unit, its training range and what is wrong with it. */
function FeatureInput({ field, domain, compact, value, onChange }: FeatureInputProps) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const problem = draft === null ? null : featureProblem(domain, readNumber(draft));
  const hint = problem ?? warning(field, value);
  const write = (text: string) => {
    setDraft(text);
    const number = readNumber(text);
    if (featureProblem(domain, number) === null) onChange(number);
  };
  const unit = field.unit && ` ${field.unit}`;
  return (
    <div>
      <div className={clsx("flex justify-between gap-3", compact ? "items-center" : "items-end")}>
        <label htmlFor={id} className="text-sm font-medium">
          {field.label}
          {compact && <span className="font-normal text-muted">{unit}</span>}
        </label>
        <span className="flex items-center gap-1.5">
          <input
            id={id}
            type="text"
            inputMode="decimal"
            autoComplete="off"
            value={draft ?? String(value)}
            onChange={(event) => write(event.target.value)}
            onBlur={() => setDraft(null)}
            aria-invalid={problem !== null}
            aria-describedby={hint === null ? undefined : `${id}-hint`}
            className={clsx(
              "figures field-sizing-content max-w-36 min-w-20 rounded-md border bg-paper px-2 text-right",
              compact ? "h-8" : "h-9",
              problem === null ? "border-edge" : "border-rose",
            )}
          />
          {!compact && <span className="w-6 text-sm text-muted">{field.unit}</span>}
        </span>
      </div>
      <Slider
        label={`${field.label}, slider`}
        value={value}
        min={field.min}
        max={field.max}
        step={field.step}
        marked={field.training}
        valueText={(at) => `${roundToStep(at, field.step)}${unit}`}
        onChange={(next) => {
          setDraft(null);
          onChange(roundToStep(next, field.step));
        }}
      />
      {hint !== null && (
        <p
          id={`${id}-hint`}
          className={clsx(
            "flex items-start gap-1.5 text-sm",
            problem === null ? "text-amber" : "text-rose",
          )}
        >
          <WarningIcon className="mt-0.5 size-4 shrink-0" />
          {hint}
        </p>
      )}
    </div>
  );
}

/** The number a person typed, with a comma or a point; `NaN` for anything else. */
function readNumber(text: string): number {
  const trimmed = text.trim().replace(",", ".");
  return trimmed === "" ? Number.NaN : Number(trimmed);
}

/** Features from which on a form puts two side by side and makes each smaller. */
const MANY_FEATURES = 7;

/** Whether a form of these fields needs the wider part of the page. */
export function isLongForm(fields: readonly FeatureField[]): boolean {
  return fields.length >= MANY_FEATURES;
}

interface FeatureFormProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly features: readonly number[];
  readonly onFeatures: (features: number[]) => void;
}

interface FieldListProps extends Omit<FeatureFormProps, "contract"> {
  readonly places: readonly number[];
  readonly domain: NumberDomain;
}

function FieldList({ places, fields, features, domain, onFeatures }: FieldListProps) {
  const long = isLongForm(fields);
  return (
    <div className={long ? "grid gap-x-8 gap-y-2 sm:grid-cols-2" : "grid gap-4"}>
      {places.map((index) => {
        const field = fields[index];
        return (
          field !== undefined && (
            <FeatureInput
              key={field.name}
              field={field}
              domain={domain}
              compact={long}
              value={features[index] ?? 0}
              onChange={(value) => onFeatures(features.with(index, value))}
            />
          )
        );
      })}
    </div>
  );
}

/** The contract's features as sliders, under their headings where it has any, and rows to start from. */
export function FeatureForm(props: FeatureFormProps) {
  const { contract, fields, features, onFeatures } = props;
  const groups = groupFields(contract.features);
  return (
    <section aria-label="Input" className="plate p-5 sm:p-6">
      <div className="grid gap-5">
        {groups.map(({ title, places }) =>
          title === "" ? (
            <FieldList key={title} {...props} places={places} domain={contract.domain} />
          ) : (
            <fieldset key={title} className="min-w-0">
              <legend className="eyebrow mb-2">{title}</legend>
              <FieldList {...props} places={places} domain={contract.domain} />
            </fieldset>
          ),
        )}
      </div>
      <p className="mt-4 flex items-center gap-2 text-[0.8125rem] text-muted">
        <span aria-hidden="true" className="h-1.5 w-6 rounded-full bg-leaf/45" />
        range of the training data
      </p>
      <h2 className="mt-6 mb-2.5 font-sans text-sm font-medium tracking-normal">
        Start from an example
      </h2>
      <Examples contract={contract} fields={fields} features={features} onChoose={onFeatures} />
    </section>
  );
}
