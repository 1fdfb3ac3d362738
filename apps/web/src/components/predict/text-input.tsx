"use client";

import { useId, useState } from "react";
import type { FeatureInput } from "@sepal/schema/define-contract";
import { textProblem, type TextField } from "@/lib/feature-range.ts";

interface TextInputProps {
  readonly field: TextField;
  readonly value: FeatureInput;
  readonly onChange: (value: FeatureInput) => void;
}

/** A text, with how many of its characters are used; what the contract does not take stays in the field and is not sent. */
export function TextInput({ field, value, onChange }: TextInputProps) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? String(value ?? "");
  const problem = textProblem(field.most, text);
  const change = (next: string) => {
    const isTaken = textProblem(field.most, next) === null;
    setDraft(isTaken ? null : next);
    if (isTaken) onChange(next);
  };
  return (
    <div className="grid min-w-0 gap-1">
      <label htmlFor={id} className="text-sm font-medium wrap-anywhere">
        {field.label}
      </label>
      {field.description !== "" && (
        <p id={`${id}-about`} className="text-[0.8125rem] text-muted">
          {field.description}
        </p>
      )}
      <textarea
        id={id}
        rows={7}
        value={text}
        onChange={({ target }) => change(target.value)}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-note${field.description === "" ? "" : ` ${id}-about`}`}
        className="w-full min-w-0 resize-y rounded-md border border-edge bg-paper px-3 py-2 text-sm leading-normal aria-invalid:border-rose"
      />
      <p id={`${id}-note`} aria-live="polite" className="figures text-xs text-muted">
        {problem ?? `${Array.from(text).length} of ${field.most} characters`}
      </p>
    </div>
  );
}
