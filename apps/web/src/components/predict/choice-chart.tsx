import { memo } from "react";
import { clsx } from "clsx";
import { type ChoiceField, shownValue } from "@/lib/feature-range.ts";
import { classColours } from "./class-mark.tsx";
import type { CurveScale, WhatIfProps } from "./what-if-chart.tsx";

interface BarProps {
  readonly heights: readonly number[];
  readonly scale: CurveScale;
}

/** The probabilities of the classes side by side, or one number on its axis. */
function Bar({ heights, scale }: BarProps) {
  if (heights.length > 1) {
    return heights.map((height, index) => (
      <span
        // oxlint-disable-next-line react/no-array-index-key -- one for each class
        key={index}
        className={classColours(index).background}
        style={{ width: `${height * 100}%` }}
      />
    ));
  }
  const share = ((heights[0] ?? scale.min) - scale.min) / (scale.max - scale.min);
  // A mark and no bar: the axis need not begin at 0.
  return (
    <span
      className="absolute inset-y-0 w-1.5 -translate-x-1/2 rounded-xs bg-iris"
      style={{ left: `${share * 100}%` }}
    />
  );
}

/** The prediction for every value of a choice; the one the row has is set off. */
export const ChoiceChart = memo(function ChoiceChart(props: WhatIfProps<ChoiceField>) {
  const { field, value, values, heights, scale, what } = props;
  const untried = field.options.length + (field.nullable ? 1 : 0) - values.length;
  return (
    <figure className="plate min-w-0 p-3">
      <figcaption className="mb-2 text-sm font-medium">{field.label}</figcaption>
      <ul aria-label={`${what} by ${field.label}`} className="grid max-h-52 gap-2 overflow-auto">
        {values.map((each, index) => {
          const at = heights?.[index];
          return (
            <li key={String(each)} aria-current={each === value} className="text-[0.8125rem]">
              <span className="flex justify-between gap-3">
                <span
                  className={clsx(
                    "min-w-0 truncate first-letter:uppercase",
                    each === value && "font-semibold",
                  )}
                >
                  {shownValue(field, each)}
                </span>
                <span className="figures shrink-0 text-muted">
                  {at !== undefined && scale.most(at)}
                </span>
              </span>
              <span className="relative mt-0.5 flex h-2 gap-px rounded-xs bg-sunken">
                {at !== undefined && <Bar heights={at} scale={scale} />}
              </span>
            </li>
          );
        })}
      </ul>
      {untried > 0 && <p className="mt-2 text-[0.8125rem] text-muted">and {untried} more values</p>}
    </figure>
  );
});
