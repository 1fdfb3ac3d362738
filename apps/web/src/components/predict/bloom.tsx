import { clsx } from "clsx";
import { type FeatureField, fieldShare } from "@/lib/feature-range.ts";
import type { Row } from "@/lib/row.ts";
import { classColours } from "./class-mark.tsx";

const LONGEST = 46;
const SHORTEST = 9;

/** More would be a disc. */
const MOST_PETALS = 40;

/** Outline of a petal of a length, pointing up from the origin, at most `width` wide. */
function petal(length: number, width: number): string {
  const half = Math.min(width, length * 0.42);
  const round = (value: number) => Math.round(value * 10) / 10;
  const [h, l] = [round(half), round(length)];
  return `M0 0C${h} ${round(-l * 0.3)} ${h} ${round(-l * 0.82)} 0 ${-l}C${-h} ${round(-l * 0.82)} ${-h} ${round(-l * 0.3)} 0 0Z`;
}

interface BloomProps {
  readonly fields: readonly FeatureField[];
  readonly features: Row;
  /** Index of the class that colours the petals; `null` while there is no prediction. */
  readonly classIndex: number | null;
  readonly className?: string;
}

/**
 * A row as a flower: one petal a feature, clockwise from the top, as long as the value is high in its range or
 * late in its list; none where it is missing.
 */
export function Bloom({ fields, features, classIndex, className }: BloomProps) {
  // A text is neither high nor late in anything.
  if (fields.every(({ kind }) => kind === "text")) return null;
  const petals = fields.slice(0, MOST_PETALS);
  const turn = 360 / petals.length;
  const width = Math.min(17, 62 / Math.sqrt(petals.length) / 1.6);
  const fill = classIndex === null ? "fill-muted" : classColours(classIndex).fill;
  return (
    <svg viewBox="-50 -50 100 100" aria-hidden="true" className={clsx("shrink-0", className)}>
      <circle r={LONGEST} className="fill-none stroke-rule" strokeWidth="0.6" />
      <circle r={(LONGEST + SHORTEST) / 2} className="fill-none stroke-rule" strokeWidth="0.6" />
      {petals.map((field, index) => {
        const share = fieldShare(field, features[index] ?? null);
        if (share === null) return null;
        return (
          <path
            key={field.name}
            transform={`rotate(${index * turn})`}
            d={petal(SHORTEST + share * (LONGEST - SHORTEST), width)}
            className={clsx(fill, "stroke-surface")}
            strokeWidth="1"
            fillOpacity={0.55 + 0.4 * share}
          />
        );
      })}
      <circle r="2.6" className="fill-surface" />
    </svg>
  );
}
