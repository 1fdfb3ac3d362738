import { clsx } from "clsx";
import { classColours, ClassMark } from "./class-mark.tsx";

interface ProbabilityBarsProps {
  readonly classes: readonly string[];
  readonly proba: readonly number[];
  /** Index of the predicted class. */
  readonly predicted: number;
}

/** A probability as people read it: a percentage with one decimal. */
export function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}

/** The probability of every class, as bars of the same scale. */
export function ProbabilityBars({ classes, proba, predicted }: ProbabilityBarsProps) {
  return (
    <ul aria-label="Probability of each class" className="grid gap-2.5">
      {classes.map((label, index) => {
        const share = proba[index] ?? 0;
        return (
          <li key={label} className="grid grid-cols-[7.5rem_1fr_4rem] items-center gap-3 text-sm">
            <span
              className={clsx("flex items-center gap-2", index === predicted && "font-semibold")}
            >
              <ClassMark index={index} />
              {label}
            </span>
            <span className="h-3 rounded-xs bg-sunken">
              <span
                className={clsx("block h-full min-w-px rounded-xs", classColours(index).background)}
                style={{ width: `${share * 100}%` }}
              />
            </span>
            <span className="figures text-right">{percent(share)}</span>
          </li>
        );
      })}
    </ul>
  );
}
