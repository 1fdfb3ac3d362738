import { useId } from "react";
import { clsx } from "clsx";

interface NativeSelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly onChange: (value: string) => void;
  readonly className?: string;
}

/** A labelled choice of one among a few, as the browser draws it. */
export function NativeSelect({ label, value, options, onChange, className }: NativeSelectProps) {
  const id = useId();
  return (
    <span className={clsx("inline-grid gap-1", className)}>
      <label htmlFor={id} className="text-xs font-medium text-muted">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-9 rounded-md border border-edge bg-surface px-2 text-sm"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </span>
  );
}
