"use client";

import { clsx } from "clsx";
import { useId } from "react";
import type { ChoiceField } from "@/lib/feature-range.ts";
import type { InputProps } from "./number-input.tsx";

/** Two values, and missing where a row may lack one, side by side. */
function Switch({ field, compact, value, onChange }: InputProps<ChoiceField>) {
  const id = useId();
  const choices = [...field.options, ...(field.nullable ? [{ value: null, text: "Missing" }] : [])];
  return (
    <div
      role="radiogroup"
      aria-labelledby={id}
      aria-describedby={field.description === "" ? undefined : `${id}-about`}
    >
      <div className="flex items-center justify-between gap-3">
        <span
          id={id}
          title={field.description || undefined}
          className={clsx(
            "min-w-0 font-medium wrap-anywhere",
            compact ? "text-[0.8125rem] leading-4" : "text-sm",
          )}
        >
          {field.label}
        </span>
        <span className="flex rounded-md border border-edge bg-paper p-0.5">
          {choices.map(({ value: choice, text }) => (
            <label
              key={text}
              className="relative grid h-7 cursor-pointer place-items-center rounded-sm px-3 text-sm has-checked:bg-iris-soft has-checked:font-semibold has-checked:text-iris has-focus-visible:outline-2 has-focus-visible:outline-iris pointer-coarse:h-11"
            >
              <input
                type="radio"
                name={id}
                checked={choice === value}
                onChange={() => onChange(choice)}
                className="sr-only"
              />
              {text}
            </label>
          ))}
        </span>
      </div>
      {field.description !== "" && (
        <p id={`${id}-about`} className={compact ? "sr-only" : "text-[0.8125rem] text-muted"}>
          {field.description}
        </p>
      )}
    </div>
  );
}

/** What stands for a missing value in a list of texts, of which none is empty. */
const MISSING = "";

/** One of a list of texts, or missing where a row may lack one. */
function Select({ field, compact, value, onChange }: InputProps<ChoiceField>) {
  const id = useId();
  const known = value === null || field.options.some((option) => option.value === value);
  return (
    <div
      className={clsx(
        "grid min-w-0 items-center gap-x-2.5 gap-y-1",
        compact && "grid-cols-[minmax(0,7rem)_minmax(0,1fr)] py-0.5",
      )}
    >
      <label
        htmlFor={id}
        title={field.description || undefined}
        className={clsx(
          "font-medium wrap-anywhere",
          compact ? "text-[0.8125rem] leading-4" : "text-sm",
        )}
      >
        {field.label}
      </label>
      {field.description !== "" && (
        <p id={`${id}-about`} className={compact ? "sr-only" : "text-[0.8125rem] text-muted"}>
          {field.description}
        </p>
      )}
      <select
        id={id}
        value={value === null ? MISSING : String(value)}
        onChange={({ target }) => onChange(target.value === MISSING ? null : target.value)}
        aria-describedby={field.description === "" ? undefined : `${id}-about`}
        className="h-8 w-full min-w-0 rounded-md border border-edge bg-paper px-2 text-sm pointer-coarse:h-11"
      >
        {field.nullable && <option value={MISSING}>Missing</option>}
        {!known && <option value={String(value)}>{String(value)}, not in the list</option>}
        {field.options.map((option) => (
          <option key={String(option.value)} value={String(option.value)}>
            {option.text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** One of a few values. */
export function ChoiceInput(props: InputProps<ChoiceField>) {
  return props.field.type === "boolean" ? <Switch {...props} /> : <Select {...props} />;
}
