import type { Explanation } from "@/lib/prediction.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { cn } from "@/lib/cn.ts";
import { waterfall, waterfallBounds } from "@/lib/waterfall.ts";
import { ContributionPanel } from "./contribution-panel.tsx";

interface ContributionBarsProps {
  readonly explanation: Explanation;
  readonly classes: readonly string[];
  readonly fields: readonly FeatureField[];
}

/** From the average to the answer, feature by feature, for every class on one scale. */
export function ContributionBars({ explanation, classes, fields }: ContributionBarsProps) {
  const { proba, base, contributions } = explanation;
  const likeliest = proba.indexOf(Math.max(...proba));
  const panels = classes.map((_, index) => {
    const added = fields.map(({ name }) => contributions[name]?.[index] ?? 0);
    return { added, steps: waterfall(base[index] ?? 0, added) };
  });
  const bounds = waterfallBounds(panels.map(({ steps }) => steps));
  return (
    <>
      <ul aria-hidden="true" className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-sm text-muted">
        <li className="flex items-center gap-2">
          <span className="h-3 w-5 rounded-xs bg-leaf" /> adds
        </li>
        <li className="flex items-center gap-2">
          <span className="h-3 w-5 rounded-xs bg-rose" /> takes away
        </li>
        <li className="flex items-center gap-2">
          <span className="h-4 border-l border-dashed border-ink" /> average of the training data
        </li>
        <li className="flex items-center gap-2">
          <span className="h-4 border-l-2 border-ink" /> this answer
        </li>
      </ul>
      <div
        className={cn(
          "mt-4 grid gap-4",
          classes.length === 2 ? "lg:grid-cols-2" : "lg:grid-cols-3",
        )}
      >
        {panels.map(({ added, steps }, index) => (
          <ContributionPanel
            key={classes[index]}
            index={index}
            label={classes[index] ?? ""}
            base={base[index] ?? 0}
            proba={proba[index] ?? 0}
            likeliest={index === likeliest}
            names={fields.map(({ label }) => label)}
            added={added}
            steps={steps}
            bounds={bounds}
          />
        ))}
      </div>
    </>
  );
}
