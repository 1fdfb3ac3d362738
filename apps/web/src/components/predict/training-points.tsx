import { memo } from "react";
import type { ModelBackground } from "@sepal/schema/model-card";
import type { Axes } from "@/lib/decision-grid.ts";
import { classColours, classShape } from "./class-mark.tsx";
import { placeX, placeY } from "./plot-frame.ts";
import { valueOpacity, type ValueScale } from "./value-map.tsx";

interface TrainingPointsProps {
  readonly background: ModelBackground;
  readonly axes: Axes;
}

/** The training rows that have both axes: their number and their place in the picture. */
function places({ rows }: ModelBackground, { x, y, fieldX, fieldY }: Axes) {
  return rows.flatMap((row, index) => {
    const [across, up] = [row[x], row[y]];
    return typeof across === "number" && typeof up === "number"
      ? [{ index, x: placeX(fieldX, across), y: placeY(fieldY, up) }]
      : [];
  });
}

/** Training rows as the marks of their classes. */
export const TrainingClasses = memo(function TrainingClasses(props: TrainingPointsProps) {
  const { background, axes } = props;
  return (
    <g className="stroke-surface" strokeWidth="1">
      {places(background, axes).map(({ index, x, y }) => {
        const label = background.class?.[index] ?? 0;
        return (
          <path
            key={index}
            d={classShape(label)}
            transform={`translate(${x} ${y}) scale(0.72)`}
            className={classColours(label).fill}
          />
        );
      })}
    </g>
  );
});

interface TrainingValuesProps extends TrainingPointsProps, ValueScale {
  readonly target: string;
}

/** Training rows in the shade of their target's value. */
export const TrainingValues = memo(function TrainingValues(props: TrainingValuesProps) {
  const { background, axes, target, min, max } = props;
  const column = background.targets?.indexOf(target) ?? -1;
  return places(background, axes).map(({ index, x, y }) => {
    const value = background.values?.[index]?.[column];
    if (value === undefined) return null;
    return (
      <g key={index} transform={`translate(${x} ${y})`}>
        <circle r="3.6" className="fill-surface stroke-ink" strokeWidth="0.9" />
        <circle r="3.6" className="fill-iris" fillOpacity={valueOpacity({ min, max }, value)} />
      </g>
    );
  });
});
