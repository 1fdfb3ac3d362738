import { useId } from "react";
import { clsx } from "clsx";

interface NativeSelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly onChange: (value: string) => void;
  /** The label beside the choice instead of above it. */
  readonly inline?: boolean;
  readonly className?: string;
}

/** A labelled choice of one among a few, as the browser draws it. */
export function NativeSelect(props: NativeSelectProps) {
  const { label, value, options, onChange, inline = false, className } = props;
  const id = useId();
  return (
    <span
      className={clsx(
        "min-w-0",
        inline ? "inline-flex items-center gap-2" : "inline-grid gap-1",
        className,
      )}
    >
      <label htmlFor={id} className="text-xs font-medium text-muted">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-8 max-w-full min-w-0 rounded-md border border-edge bg-surface px-2 text-sm pointer-coarse:h-11"
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
