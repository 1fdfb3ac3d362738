"use client";

import type { MouseEvent, ReactNode } from "react";
import type { Axes } from "@/lib/decision-grid.ts";
import { type NumberField, roundToStep } from "@/lib/feature-range.ts";
import type { Row } from "@/lib/row.ts";
import { AREA, axisTitle, fieldTicks, FRAME, placeX, placeY, tickText } from "./plot-frame.ts";

/** Ticks and titles of a plot over two features. */
function PlotAxes({ x, y }: { readonly x: NumberField; readonly y: NumberField }) {
  const bottom = FRAME.height - FRAME.bottom;
  return (
    <g className="fill-muted text-[11px] max-sm:text-[14px]" stroke="none">
      {fieldTicks(x, 7).map((at) => (
        <text key={at} x={placeX(x, at)} y={bottom + 15} textAnchor="middle">
          {tickText(at)}
        </text>
      ))}
      {fieldTicks(y, 6).map((at) => (
        <text key={at} x={FRAME.left - 6} y={placeY(y, at) + 4} textAnchor="end">
          {tickText(at)}
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

function CurrentPoint({ x, y }: { readonly x: number; readonly y: number }) {
  return (
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
  );
}

interface DecisionPlotProps {
  readonly title: string;
  /** What the picture shows, in a sentence for those who cannot see it. */
  readonly description: string;
  readonly axes: Axes;
  readonly features: Row;
  /** The training rows. */
  readonly points: ReactNode;
  /** The layer below the points. */
  readonly children: ReactNode;
  /** The layer above them. */
  readonly above?: ReactNode;
  /** Moves the current point. */
  readonly onMove: (x: number, y: number) => void;
}

/** A plot over two features: a layer, the training rows and the current point; a click moves the point. */
export function DecisionPlot(props: DecisionPlotProps) {
  const { title, description, axes, features, points, children, above, onMove } = props;
  const { fieldX, fieldY } = axes;
  const within = (field: NumberField, value: Row[number] | undefined) =>
    typeof value === "number" ? Math.min(field.max, Math.max(field.min, value)) : null;
  const [atX, atY] = [within(fieldX, features[axes.x]), within(fieldY, features[axes.y])];
  const move = (event: MouseEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * FRAME.width - FRAME.left;
    const down = ((event.clientY - box.top) / box.height) * FRAME.height - FRAME.top;
    if (across < 0 || across > AREA.width || down < 0 || down > AREA.height) return;
    const value = (field: NumberField, share: number) =>
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
        {points}
        {above}
        <PlotAxes x={fieldX} y={fieldY} />
        {atX !== null && atY !== null && (
          <CurrentPoint x={placeX(fieldX, atX)} y={placeY(fieldY, atY)} />
        )}
      </svg>
    </figure>
  );
}
