import { memo } from "react";
import type { FeatureInput } from "@sepal/schema/define-contract";
import type { NumberField } from "@/lib/feature-range.ts";
import { inSentence } from "@/lib/format.ts";
import { classColours, classShape } from "./class-mark.tsx";
import { axisTitle, fieldTicks, tickText } from "./plot-frame.ts";

const WIDTH = 260;
const HEIGHT = 150;
const BOX = { left: 36, right: 8, top: 8, bottom: 22 };
const DASHES = ["", "6 3", "2 3", "8 3 2 3", "1 2", "10 4"];

/** The look of the only line. */
const SINGLE = { fill: "fill-iris", stroke: "stroke-iris" };

/** The axis of what is predicted. */
export interface CurveScale {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
  /** A number at the axis. */
  readonly tick: (value: number) => string;
  /** Everything that is predicted, in words. */
  readonly all: (heights: readonly number[]) => string;
  /** The likeliest class, or the only number. */
  readonly most: (heights: readonly number[]) => string;
}

/** One feature's part of the what-if. */
export interface WhatIfProps<Field> {
  readonly field: Field;
  /** Where the feature stands now. */
  readonly value: FeatureInput;
  /** What it is given in turn; the last one is missing where a row may lack it. */
  readonly values: readonly FeatureInput[];
  /** What is predicted for each of them, a number for each of `series`. */
  readonly heights: readonly (readonly number[])[] | undefined;
  readonly series: readonly string[];
  readonly scale: CurveScale;
  /** What the heights are, in a word. */
  readonly what: string;
}

/** The prediction along one feature: a line for each class, or for the target. */
export const WhatIfChart = memo(function WhatIfChart(props: WhatIfProps<NumberField>) {
  const { field, value, values, heights, series, scale, what } = props;
  const placeX = (at: number) =>
    BOX.left + ((at - field.min) / (field.max - field.min)) * (WIDTH - BOX.left - BOX.right);
  const placeY = (height: number) =>
    BOX.top +
    (1 - (height - scale.min) / (scale.max - scale.min)) * (HEIGHT - BOX.top - BOX.bottom);
  const numbers = values.filter((each) => typeof each === "number");
  const curve = heights?.slice(0, numbers.length);
  const last = curve?.at(-1);
  const missing = values.length > numbers.length ? heights?.at(-1) : undefined;
  return (
    <figure className="plate min-w-0 p-3">
      <figcaption className="mb-1 text-sm font-medium">{axisTitle(field)}</figcaption>
      <svg
        role="img"
        aria-label={`${what} along ${inSentence(field.label)}. At ${field.max}: ${last === undefined ? "not computed yet" : scale.all(last)}`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="h-auto w-full overflow-visible"
      >
        <g className="fill-muted stroke-rule text-[10.5px]">
          {scale.ticks.map((tick) => (
            <g key={tick}>
              <path d={`M${BOX.left} ${placeY(tick)}H${WIDTH - BOX.right}`} />
              <text x={BOX.left - 5} y={placeY(tick) + 3.5} textAnchor="end" stroke="none">
                {scale.tick(tick)}
              </text>
            </g>
          ))}
          {fieldTicks(field, 5).map((tick) => (
            <text key={tick} x={placeX(tick)} y={HEIGHT - 6} textAnchor="middle" stroke="none">
              {tickText(tick)}
            </text>
          ))}
        </g>
        {typeof value === "number" && (
          <path
            d={`M${placeX(Math.min(field.max, Math.max(field.min, value)))} ${BOX.top}V${HEIGHT - BOX.bottom}`}
            className="stroke-ink"
          />
        )}
        {curve !== undefined &&
          series.map((label, index) => {
            const points = curve.map(
              (at, step) =>
                `${placeX(numbers[step] ?? 0).toFixed(1)} ${placeY(at[index] ?? 0).toFixed(1)}`,
            );
            // The mark stands where the class is likeliest, so that lines are told by shape too.
            const peak = curve.reduce(
              (best, at, step) => ((at[index] ?? 0) > (curve[best]?.[index] ?? 0) ? step : best),
              0,
            );
            const { fill, stroke } = series.length > 1 ? classColours(index) : SINGLE;
            return (
              <g key={label}>
                <path
                  d={`M${points.join("L")}`}
                  className={`fill-none ${stroke}`}
                  strokeWidth="2"
                  strokeLinejoin="round"
                  strokeDasharray={DASHES[index % DASHES.length]}
                />
                {series.length > 1 && (
                  <path
                    d={classShape(index)}
                    transform={`translate(${points[peak]?.replace(" ", ",")}) scale(0.9)`}
                    className={`${fill} stroke-surface`}
                    strokeWidth="1.2"
                  />
                )}
              </g>
            );
          })}
      </svg>
      {missing !== undefined && (
        <p className="figures text-[0.8125rem] text-muted">Missing: {scale.all(missing)}</p>
      )}
    </figure>
  );
});
