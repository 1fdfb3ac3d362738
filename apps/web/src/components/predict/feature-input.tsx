"use client";

import type { NumberDomain } from "@sepal/schema/define-contract";
import { useId, useState } from "react";
import { WarningIcon } from "@/components/icons.tsx";
import { Slider } from "@/components/ui/slider.tsx";
import { cn } from "@/lib/cn.ts";
import { featureProblem, roundToStep, type FeatureField } from "@/lib/feature-range.ts";

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
export function FeatureInput({ field, domain, compact, value, onChange }: FeatureInputProps) {
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
      <div className={cn("flex justify-between gap-3", compact ? "items-center" : "items-end")}>
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
            className={cn(
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
          className={cn(
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
