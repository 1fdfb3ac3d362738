import { cn } from "@/lib/cn.ts";
import type { Explanation } from "@/lib/explain.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { percent } from "./probability-bars.tsx";

interface ContributionBarsProps {
  readonly explanation: Explanation;
  readonly classes: readonly string[];
  readonly fields: readonly FeatureField[];
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${percent(Math.abs(value))}`;
}

/** Bars left and right of nothing: what each feature added to the likeliest class, or took from it. */
export function ContributionBars({ explanation, classes, fields }: ContributionBarsProps) {
  const { proba, base, contributions } = explanation;
  const likeliest = proba.indexOf(Math.max(...proba));
  const added = (name: string) => contributions[name]?.[likeliest] ?? 0;
  const most = Math.max(...fields.map(({ name }) => Math.abs(added(name))), 1e-9);
  return (
    <figure className="plate mt-4 p-5">
      <figcaption className="figures text-sm text-muted">
        From {percent(base[likeliest] ?? 0)}, the average over the training data, to{" "}
        {percent(proba[likeliest] ?? 0)} for {classes[likeliest]}
      </figcaption>
      <ul
        aria-label={`Contributions to ${classes[likeliest]}`}
        className="mt-4 grid gap-2.5 text-sm"
      >
        {fields.map(({ name, label }) => {
          const value = added(name);
          const width = `${(Math.abs(value) / most) * 50}%`;
          return (
            <li key={name} className="grid grid-cols-[7rem_1fr_4.5rem] items-center gap-3">
              <span>{label}</span>
              <span className="relative h-4 rounded-xs bg-sunken">
                <span
                  className={cn(
                    "absolute inset-y-0 min-w-px",
                    value < 0 ? "rounded-l-xs bg-rose" : "rounded-r-xs bg-leaf",
                  )}
                  style={value < 0 ? { right: "50%", width } : { left: "50%", width }}
                />
                <span className="absolute inset-y-0 left-1/2 w-px bg-edge" />
              </span>
              <span className="figures text-right">{signed(value)}</span>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}
