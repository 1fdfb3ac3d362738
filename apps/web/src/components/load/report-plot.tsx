"use client";

import { useRef } from "react";
import { useWidth } from "@/components/live/use-width.ts";
import { classColours, classShape } from "@/components/predict/class-mark.tsx";
import type { ReportLines } from "@/lib/load-report.ts";
import { formatTick } from "@/lib/format.ts";
import { markedPoints, plotScale } from "./plot-scale.ts";

/** Until the width on the screen is known; from then on a unit of the picture is a CSS pixel, so that texts keep their size. */
const FIRST_WIDTH = 560;
const HEIGHT = 300;
const BOX = { left: 64, right: 14, top: 16, bottom: 46 };
/** Least distance of marks, in CSS pixels. */
const APART = 22;
/** Width that a tick's number wants. */
const TICK_WIDTH = 90;
/** Half the width of a character of it. */
const HALF_CHARACTER = 3.7;

/** The picture of a line chart, as wide as there is room. */
export function ReportPlot({ chart }: { readonly chart: ReportLines }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box) || FIRST_WIDTH;
  const right = width - BOX.right;
  const points = chart.series.flatMap((series) => series.points);
  const x = plotScale(
    points.map(([value]) => value),
    {
      log: chart.x.scale === "log",
      from: BOX.left,
      to: right,
      count: Math.max(2, Math.floor((right - BOX.left) / TICK_WIDTH)),
    },
  );
  const y = plotScale([...points.map(([, value]) => value), ...chart.marks.map((mark) => mark.y)], {
    log: chart.y.scale === "log",
    from: HEIGHT - BOX.bottom,
    to: BOX.top,
    count: 5,
  });
  return (
    <div ref={box}>
      <svg
        role="img"
        aria-label={`${chart.title}: ${chart.y.label} over ${chart.x.label}. The numbers are in the tables below.`}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        className="h-auto w-full"
      >
        <g className="figures fill-muted stroke-rule text-[12px]">
          {y.ticks.map((tick) => (
            <g key={tick}>
              <path d={`M${BOX.left} ${y.place(tick)}H${right}`} />
              <text x={BOX.left - 8} y={y.place(tick) + 4} textAnchor="end" stroke="none">
                {formatTick(tick)}
              </text>
            </g>
          ))}
          {x.ticks.map((tick) => (
            <text
              key={tick}
              x={Math.min(x.place(tick), width - formatTick(tick).length * HALF_CHARACTER)}
              y={HEIGHT - BOX.bottom + 18}
              textAnchor="middle"
              stroke="none"
            >
              {formatTick(tick)}
            </text>
          ))}
          <text x={(right + BOX.left) / 2} y={HEIGHT - 6} textAnchor="middle" stroke="none">
            {chart.x.label}
          </text>
          <text
            transform={`translate(12 ${(HEIGHT - BOX.bottom + BOX.top) / 2}) rotate(-90)`}
            textAnchor="middle"
            stroke="none"
          >
            {chart.y.label}
          </text>
        </g>
        {chart.marks.map((mark) => (
          <g key={mark.label}>
            <path
              d={`M${BOX.left} ${y.place(mark.y)}H${right}`}
              className="stroke-rose"
              strokeDasharray="5 4"
            />
            <text
              x={right}
              y={y.place(mark.y) - 5}
              textAnchor="end"
              className="fill-rose text-[12px]"
            >
              {mark.label}
            </text>
          </g>
        ))}
        {chart.series.map((series, index) => {
          const { fill, stroke } = classColours(index);
          const places = series.points
            .filter(([atX, atY]) => x.drawable(atX) && y.drawable(atY))
            .map(([atX, atY]) => [x.place(atX), y.place(atY)] as const);
          const text = ([atX, atY]: readonly [number, number]) =>
            `${atX.toFixed(1)},${atY.toFixed(1)}`;
          return (
            <g key={series.name}>
              <polyline
                points={places.map(text).join(" ")}
                className={`fill-none ${stroke}`}
                strokeWidth="2"
                strokeLinejoin="round"
              />
              {markedPoints(places, APART).map((place) => (
                <path
                  key={text(place)}
                  d={classShape(index)}
                  transform={`translate(${text(place)}) scale(0.8)`}
                  className={`${fill} stroke-surface`}
                />
              ))}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
