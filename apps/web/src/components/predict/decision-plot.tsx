"use client";

import { clsx } from "clsx";
import { type MouseEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import type { Axes } from "@/lib/decision-grid.ts";
import { type NumberField, roundToStep } from "@/lib/feature-range.ts";
import { extended, isRegion, type Point } from "@/lib/lasso.ts";
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
  /** Takes a region that is drawn around with the pointer; absent where none can be. */
  readonly onRegion?: (region: readonly Point[]) => void;
  /** The region that is looked at. */
  readonly region?: readonly Point[] | null;
}

/** A path as SVG writes it. */
function pathText(path: readonly Point[]): string {
  return path
    .map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join("");
}

/** The place of a pointer, in units of the picture. */
function pointOf({ clientX, clientY, currentTarget }: MouseEvent<SVGSVGElement>): Point {
  const box = currentTarget.getBoundingClientRect();
  return [
    ((clientX - box.left) / box.width) * FRAME.width,
    ((clientY - box.top) / box.height) * FRAME.height,
  ];
}

/** Draws a region with a pressed pointer; `drawn` says whether the click that ends it was one. */
function useLasso(onRegion: DecisionPlotProps["onRegion"]) {
  const [path, setPath] = useState<readonly Point[]>([]);
  const drawn = useRef(false);
  if (onRegion === undefined) return { path, drawn, handlers: {} };
  const handlers = {
    onPointerDown(event: PointerEvent<SVGSVGElement>) {
      drawn.current = false;
      if (event.button === 0) setPath([pointOf(event)]);
    },
    onPointerMove(event: PointerEvent<SVGSVGElement>) {
      if (path.length === 0) return;
      const longer = extended(path, pointOf(event));
      if (longer === path) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setPath(longer);
    },
    onPointerUp() {
      if (isRegion(path)) {
        drawn.current = true;
        onRegion(path);
      }
      setPath([]);
    },
    onPointerCancel: () => setPath([]),
  };
  return { path, drawn, handlers };
}

/** A plot over two features: a layer, the training rows and the current point; a click moves the point. */
export function DecisionPlot(props: DecisionPlotProps) {
  const { title, description, axes, features, points, children, above, onMove } = props;
  const { onRegion, region = null } = props;
  const lasso = useLasso(onRegion);
  const { fieldX, fieldY } = axes;
  const within = (field: NumberField, value: Row[number] | undefined) =>
    typeof value === "number" ? Math.min(field.max, Math.max(field.min, value)) : null;
  const [atX, atY] = [within(fieldX, features[axes.x]), within(fieldY, features[axes.y])];
  const move = (event: MouseEvent<SVGSVGElement>) => {
    if (lasso.drawn.current) return;
    const point = pointOf(event);
    const [across, down] = [point[0] - FRAME.left, point[1] - FRAME.top];
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
        {...lasso.handlers}
        className={clsx(
          "h-auto w-full cursor-crosshair",
          onRegion !== undefined && "touch-pinch-zoom",
        )}
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
        {(lasso.path.length > 1 || region !== null) && (
          <path
            d={`${pathText(lasso.path.length > 1 ? lasso.path : (region ?? []))}Z`}
            className="fill-iris/15 stroke-iris"
            strokeWidth="1.75"
            strokeDasharray="5 3"
          />
        )}
        <PlotAxes x={fieldX} y={fieldY} />
        {atX !== null && atY !== null && (
          <CurrentPoint x={placeX(fieldX, atX)} y={placeY(fieldY, atY)} />
        )}
      </svg>
    </figure>
  );
}
