"use client";

import { useId, useRef, useState } from "react";
import { clsx } from "clsx";
import type { FeatureInput } from "@sepal/schema/define-contract";
import { WarningIcon } from "@/components/icons.tsx";
import { Slider } from "@/components/ui/slider.tsx";
import { featureProblem, type NumberField, roundToStep } from "@/lib/feature-range.ts";

/** What to mind about a value that is allowed but unlike the training data. */
function warning({ training, unit }: NumberField, value: FeatureInput): string | null {
  if (training === null || typeof value !== "number") return null;
  if (value >= training.min && value <= training.max) return null;
  const side = value < training.min ? "below" : "above";
  return `Outside the training range, ${side} everything the model has seen (${training.min} to ${training.max}${unit && ` ${unit}`}).`;
}

/** The number a person typed, with a comma or a point; `null` for nothing, `NaN` for anything else. */
function readNumber(text: string): number | null {
  const trimmed = text.trim().replace(",", ".");
  return trimmed === "" ? null : Number(trimmed);
}

/** What is wrong with what a person typed; `null` when nothing is. */
function draftProblem({ feature, nullable }: NumberField, draft: number | null): string | null {
  return draft === null && nullable ? null : featureProblem(feature, draft ?? Number.NaN);
}

interface MissingButtonProps {
  readonly label: string;
  readonly missing: boolean;
  /** Beneath the label. */
  readonly compact: boolean;
  readonly onToggle: () => void;
}

/** Says that a row lacks a value, or takes that back. */
function MissingButton({ label, missing, compact, onToggle }: MissingButtonProps) {
  return (
    <button
      type="button"
      aria-pressed={missing}
      aria-label={`Missing: ${label}`}
      onClick={onToggle}
      title={`Missing: ${label}`}
      className={clsx(
        "rounded-md border border-transparent px-1.5 text-xs font-normal text-muted hover:bg-sunken aria-pressed:border-iris aria-pressed:bg-iris-soft aria-pressed:font-semibold aria-pressed:text-iris pointer-coarse:h-11 pointer-coarse:min-w-11",
        compact ? "-ml-1.5 block h-6" : "h-8",
      )}
    >
      Missing
    </button>
  );
}

/** A form's input of one feature. */
export interface InputProps<Field> {
  readonly field: Field;
  /** One of many: on one line. */
  readonly compact: boolean;
  readonly value: FeatureInput;
  readonly onChange: (value: FeatureInput) => void;
}

/** A number: a slider and a field with its unit, its training range and what is wrong with it. */
export function NumberInput({ field, compact, value, onChange }: InputProps<NumberField>) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const middle = roundToStep((field.min + field.max) / 2, field.step);
  // Where a missing value goes back to.
  const kept = useRef(middle);
  const problem = draft === null ? null : draftProblem(field, readNumber(draft));
  const hint = problem ?? warning(field, value);
  const write = (text: string) => {
    setDraft(text);
    const number = readNumber(text);
    if (draftProblem(field, number) === null) onChange(number);
  };
  const toggle = () => {
    setDraft(null);
    if (typeof value === "number") kept.current = value;
    onChange(value === null ? kept.current : null);
  };
  const unit = field.unit && ` ${field.unit}`;
  const missing = field.nullable && (
    <MissingButton
      label={field.label}
      missing={value === null}
      compact={compact}
      onToggle={toggle}
    />
  );
  const described = [
    field.unit !== "" && `${id}-unit`,
    field.description !== "" && `${id}-about`,
    hint !== null && `${id}-hint`,
  ].filter((part) => part !== false);
  return (
    <div
      className={clsx(
        "grid items-center gap-x-2.5",
        compact
          ? "grid-cols-[minmax(0,7rem)_minmax(0,1fr)_auto]"
          : "grid-cols-[minmax(0,1fr)_auto]",
      )}
    >
      <span
        title={field.description || undefined}
        className={clsx(
          "min-w-0 font-medium wrap-anywhere",
          compact ? "text-[0.8125rem] leading-4" : "text-sm",
        )}
      >
        <label htmlFor={id}>{field.label}</label>
        {field.unit !== "" && (
          <span id={`${id}-unit`} className="font-normal text-muted">
            {unit}
          </span>
        )}
        {compact && missing}
      </span>
      <span className={clsx("flex items-center gap-1", compact && "order-last")}>
        {!compact && missing}
        <input
          id={id}
          type="text"
          inputMode={field.feature.type === "integer" ? "numeric" : "decimal"}
          autoComplete="off"
          placeholder={field.nullable ? "missing" : undefined}
          value={draft ?? (value === null ? "" : String(value))}
          onChange={(event) => write(event.target.value)}
          onBlur={() => setDraft(null)}
          aria-invalid={problem !== null}
          aria-describedby={described.length === 0 ? undefined : described.join(" ")}
          className={clsx(
            "figures h-8 w-18 rounded-md border bg-paper px-2 text-right placeholder:text-xs placeholder:text-muted pointer-coarse:h-11",
            problem === null ? "border-edge" : "border-rose",
          )}
        />
      </span>
      {field.description !== "" && (
        <p
          id={`${id}-about`}
          className={compact ? "sr-only" : "col-span-full text-[0.8125rem] text-muted"}
        >
          {field.description}
        </p>
      )}
      <div
        className={clsx(
          "min-w-0 transition-opacity",
          !compact && "col-span-full",
          value === null && "opacity-40",
        )}
      >
        <Slider
          label={`${field.label}, slider`}
          value={typeof value === "number" ? value : middle}
          min={field.min}
          max={field.max}
          step={field.step}
          marked={field.training}
          valueText={(at) => (value === null ? "missing" : `${roundToStep(at, field.step)}${unit}`)}
          onChange={(next) => {
            setDraft(null);
            onChange(roundToStep(next, field.step));
          }}
        />
      </div>
      {hint !== null && (
        <p
          id={`${id}-hint`}
          className={clsx(
            "order-last col-span-full flex items-start gap-1.5 text-[0.8125rem] leading-5",
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
