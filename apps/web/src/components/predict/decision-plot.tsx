"use client";

import { memo, type MouseEvent, type ReactNode } from "react";
import type { ModelBackground } from "@sepal/schema/model-card";
import { type FeatureField, roundToStep } from "@/lib/feature-range.ts";
import { classColours, classShape } from "./class-mark.tsx";
import { AREA, axisTitle, FRAME, placeX, placeY, ticks } from "./plot-frame.ts";

/** Ticks and titles of a plot over two features. */
function PlotAxes({ x, y }: { readonly x: FeatureField; readonly y: FeatureField }) {
  const bottom = FRAME.height - FRAME.bottom;
  return (
    <g className="fill-muted text-[11px] max-sm:text-[14px]" stroke="none">
      {ticks(x.min, x.max, 7).map((at) => (
        <text key={at} x={placeX(x, at)} y={bottom + 15} textAnchor="middle">
          {at}
        </text>
      ))}
      {ticks(y.min, y.max, 6).map((at) => (
        <text key={at} x={FRAME.left - 6} y={placeY(y, at) + 4} textAnchor="end">
          {at}
        </text>
      ))}
      <text x={FRAME.left + AREA.width / 2} y={FRAME.height - 6} textAnchor="middle">
        {axisTitle(x)}
      </text>
      <text
        transform={`translate(10 ${FRAME.top + AREA.height / 2}) rotate(-90)`}
        textAnchor="middle"
      >
        {axisTitle(y)}
      </text>
    </g>
  );
}

/** Two features of a form: their places and fields. */
export interface Axes {
  readonly x: number;
  readonly y: number;
  readonly fieldX: FeatureField;
  readonly fieldY: FeatureField;
}

interface TrainingPointsProps {
  readonly background: ModelBackground;
  readonly axes: Axes;
}

const TrainingPoints = memo(function TrainingPoints({ background, axes }: TrainingPointsProps) {
  return (
    <g className="stroke-surface" strokeWidth="1">
      {background.rows.map((row, index) => {
        const label = background.class[index] ?? 0;
        const at = `${placeX(axes.fieldX, row[axes.x] ?? 0)} ${placeY(axes.fieldY, row[axes.y] ?? 0)}`;
        return (
          <path
            // oxlint-disable-next-line react/no-array-index-key -- the rows never change their order
            key={index}
            d={classShape(label)}
            transform={`translate(${at}) scale(0.72)`}
            className={classColours(label).fill}
          />
        );
      })}
    </g>
  );
});

interface DecisionPlotProps {
  readonly title: string;
  /** What the picture shows, in a sentence for those who cannot see it. */
  readonly description: string;
  readonly axes: Axes;
  readonly features: readonly number[];
  readonly background: ModelBackground | undefined;
  /** The layer below the points. */
  readonly children: ReactNode;
  /** The layer above them. */
  readonly above?: ReactNode;
  /** Moves the current point. */
  readonly onMove: (x: number, y: number) => void;
}

/** A plot over two features: a layer, the training rows and the current point; a click moves the point. */
export function DecisionPlot(props: DecisionPlotProps) {
  const { title, description, axes, features, background, children, above, onMove } = props;
  const { fieldX, fieldY } = axes;
  const x = placeX(fieldX, Math.min(fieldX.max, Math.max(fieldX.min, features[axes.x] ?? 0)));
  const y = placeY(fieldY, Math.min(fieldY.max, Math.max(fieldY.min, features[axes.y] ?? 0)));
  const move = (event: MouseEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * FRAME.width - FRAME.left;
    const down = ((event.clientY - box.top) / box.height) * FRAME.height - FRAME.top;
    if (across < 0 || across > AREA.width || down < 0 || down > AREA.height) return;
    const value = (field: FeatureField, share: number) =>
      Math.max(field.min, roundToStep(field.min + share * (field.max - field.min), field.step));
    onMove(value(fieldX, across / AREA.width), value(fieldY, 1 - down / AREA.height));
  };
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1.5 text-sm font-medium">{title}</figcaption>
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- the sliders do it with keys */}
      <svg
        role="img"
        aria-label={`${title}. ${description}`}
        viewBox={`0 0 ${FRAME.width} ${FRAME.height}`}
        onClick={move}
        className="h-auto w-full cursor-crosshair"
      >
        <rect
          x={FRAME.left}
          y={FRAME.top}
          width={AREA.width}
          height={AREA.height}
          className="fill-sunken stroke-rule"
        />
        {children}
        {background !== undefined && <TrainingPoints background={background} axes={axes} />}
        {above}
        <PlotAxes x={fieldX} y={fieldY} />
        <g className="fill-none stroke-ink" strokeWidth="1">
          <path
            d={`M${x} ${FRAME.top}V${FRAME.top + AREA.height}M${FRAME.left} ${y}H${FRAME.left + AREA.width}`}
            strokeDasharray="2 3"
            strokeOpacity="0.7"
          />
          <circle cx={x} cy={y} r="8" className="stroke-surface" strokeWidth="4.5" />
          <circle cx={x} cy={y} r="8" strokeWidth="2.25" />
          <circle cx={x} cy={y} r="2" className="fill-ink" stroke="none" />
        </g>
      </svg>
    </figure>
  );
}
