import { Slider as SliderPrimitive } from "@base-ui/react/slider";

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Part of the track to set off, in the units of the value. */
  readonly marked: { readonly min: number; readonly max: number } | null;
  /** What a screen reader says for a value. */
  readonly valueText: (value: number) => string;
  readonly onChange: (value: number) => void;
}

/** A slider for one number; a part of its track can be marked as the usual range. */
export function Slider({ label, value, min, max, step, marked, valueText, onChange }: SliderProps) {
  const percent = (at: number) => ((at - min) / (max - min)) * 100;
  return (
    <SliderPrimitive.Root
      value={Math.min(max, Math.max(min, value))}
      min={min}
      max={max}
      step={step}
      onValueChange={(next) => onChange(next)}
    >
      <SliderPrimitive.Control className="flex h-9 touch-none items-center select-none pointer-coarse:h-11">
        <SliderPrimitive.Track className="relative h-1.5 w-full rounded-full bg-rule">
          {marked !== null && (
            <span
              className="absolute inset-y-0 rounded-full bg-leaf/45"
              style={{
                left: `${percent(marked.min)}%`,
                width: `${percent(marked.max) - percent(marked.min)}%`,
              }}
            />
          )}
          <SliderPrimitive.Thumb
            aria-label={label}
            getAriaValueText={(_text, current) => valueText(current)}
            className="size-5 rounded-full pointer-coarse:size-7 border-2 border-iris bg-surface shadow-card has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-iris"
          />
        </SliderPrimitive.Track>
      </SliderPrimitive.Control>
    </SliderPrimitive.Root>
  );
}
