"use client";

import { useEffect, useId, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { count, durationText } from "@/lib/format.ts";
import {
  responsesAfter,
  type BenchSample,
  opponents,
  type RaceRound,
  ROUND_SECONDS,
  roundsOf,
  SEPAL,
} from "@/lib/race.ts";

/** The picture in its own units, and the ends of its logarithmic axis in milliseconds. */
const BOX = { width: 420, height: 230, left: 46, right: 6, top: 8, bottom: 24 };
const AXIS = { from: 0.5, to: 2000 };
const TICKS = [1, 10, 100, 1000];

/** Cells of a round from the fastest to the slowest response. */
const CELLS = 48;

function placeY(milliseconds: number): number {
  const share =
    Math.log(Math.min(AXIS.to, Math.max(AXIS.from, milliseconds)) / AXIS.from) /
    Math.log(AXIS.to / AXIS.from);
  return BOX.height - BOX.bottom - share * (BOX.height - BOX.bottom - BOX.top);
}

/** Responses a second in each cell of the axis: those of a band lie evenly over its logarithm. */
function cellsOf({ requestsPerSecond, bands }: RaceRound): number[] {
  const step = Math.log(AXIS.to / AXIS.from) / CELLS;
  return Array.from({ length: CELLS }, (_, cell) => {
    const low = Math.log(AXIS.from) + cell * step;
    return bands.reduce((sum, { from, to, share }) => {
      const overlap = Math.min(low + step, Math.log(to)) - Math.max(low, Math.log(from));
      if (overlap <= 0) return sum;
      return sum + (overlap / (Math.log(to) - Math.log(from))) * share * requestsPerSecond;
    }, 0);
  });
}

/** How strong a cell is drawn: by the logarithm, or one server would be invisible beside the other. */
function opacity(perSecond: number): number {
  return perSecond < 0.05 ? 0 : Math.min(1, 0.12 + 0.16 * Math.log10(1 + perSecond * 4));
}

interface LaneProps {
  readonly title: string;
  readonly rounds: readonly RaceRound[];
  readonly seconds: number;
  readonly fill: string;
}

/** One server: its responses so far, and when and how fast they came. */
function Lane({ title, rounds, seconds, fill }: LaneProps) {
  const clip = useId();
  const inner = BOX.width - BOX.left - BOX.right;
  const whole = rounds.length * ROUND_SECONDS;
  const width = (ROUND_SECONDS / whole) * inner;
  const height = (BOX.height - BOX.bottom - BOX.top) / CELLS;
  const responses = responsesAfter(rounds, seconds);
  return (
    <figure className="min-w-0">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-medium">{title}</span>
        <span className="figures text-2xl font-semibold">
          {count(responses)}
          <span className="ml-1.5 font-sans text-sm font-normal text-muted">responses</span>
        </span>
      </figcaption>
      <svg
        role="img"
        aria-label={`${title}: ${count(responsesAfter(rounds, whole))} responses in ${whole} s.`}
        viewBox={`0 0 ${BOX.width} ${BOX.height}`}
        className="mt-1 h-auto w-full"
      >
        <rect
          x={BOX.left}
          y={BOX.top}
          width={inner}
          height={BOX.height - BOX.bottom - BOX.top}
          className="fill-sunken"
        />
        <clipPath id={clip}>
          <rect
            x={BOX.left}
            y="0"
            width={(Math.min(seconds, whole) / whole) * inner}
            height={BOX.height}
          />
        </clipPath>
        <g clipPath={`url(#${clip})`} className={fill}>
          {rounds.map((round, index) =>
            cellsOf(round).map((perSecond, cell) => {
              const strength = opacity(perSecond);
              return strength === 0 ? null : (
                <rect
                  // oxlint-disable-next-line react/no-array-index-key -- a cell is its place
                  key={`${index} ${cell}`}
                  x={BOX.left + index * width}
                  y={BOX.height - BOX.bottom - (cell + 1) * height}
                  width={width}
                  height={height + 0.3}
                  fillOpacity={strength}
                />
              );
            }),
          )}
        </g>
        <g className="figures fill-muted stroke-rule text-[11px] max-sm:text-[14px]">
          {TICKS.map((tick) => (
            <g key={tick}>
              <path d={`M${BOX.left} ${placeY(tick)}H${BOX.width - BOX.right}`} />
              <text x={BOX.left - 6} y={placeY(tick) + 4} textAnchor="end" stroke="none">
                {durationText(tick / 1000)}
              </text>
            </g>
          ))}
          {rounds.map((_, index) => (
            <text
              // oxlint-disable-next-line react/no-array-index-key -- a round is its place
              key={index}
              x={BOX.left + (index + 0.5) * width}
              y={BOX.height - 6}
              textAnchor="middle"
              stroke="none"
            >
              round {index + 1}
            </text>
          ))}
        </g>
      </svg>
    </figure>
  );
}

/** The seconds of the race, from the moment it is started; its end where motion is not wanted. */
function useRaceClock(whole: number) {
  const [seconds, setSeconds] = useState(whole);
  const [running, setRunning] = useState(false);
  useEffect(() => {
    if (!running) return undefined;
    const started = performance.now();
    let frame = requestAnimationFrame(function draw(now) {
      const passed = (now - started) / 1000;
      setSeconds(Math.min(whole, Math.max(0, passed)));
      if (passed < whole) frame = requestAnimationFrame(draw);
      else setRunning(false);
    });
    return () => cancelAnimationFrame(frame);
  }, [running, whole]);
  return { seconds, running, start: () => setRunning(true) };
}

/** Sepal beside another server, replayed at the speed at which the bench recorded them. */
export function Race({ samples }: { readonly samples: readonly BenchSample[] }) {
  const id = useId();
  const others = opponents(samples);
  const [chosen, setChosen] = useState(others[0]?.value ?? "");
  const own = roundsOf(samples, SEPAL);
  const rounds = roundsOf(samples, chosen).slice(0, own.length);
  const whole = rounds.length * ROUND_SECONDS;
  const { seconds, running, start } = useRaceClock(whole);
  if (own.length === 0 || others.length === 0) return null;
  const ratio = responsesAfter(own, whole) / responsesAfter(rounds, whole);
  return (
    <section aria-labelledby={`${id}title`} className="plate p-4 sm:p-5">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div>
          <h3 id={`${id}title`} className="text-xl">
            Race
          </h3>
          <p className="text-sm text-muted">
            The bench&rsquo;s own record, at its own speed: 100 connections, one row a request.
          </p>
        </div>
        <div className="flex flex-wrap items-end gap-3">
          <NativeSelect label="Against" value={chosen} options={others} onChange={setChosen} />
          <Button variant="primary" size="field" disabled={running} onClick={start}>
            Race
          </Button>
        </div>
      </div>
      <div className="mt-4 grid grid-cols-1 gap-5 md:grid-cols-2">
        <Lane title="Sepal REST" rounds={own} seconds={seconds} fill="fill-iris" />
        <Lane
          title={others.find(({ value }) => value === chosen)?.text ?? chosen}
          rounds={rounds}
          seconds={seconds}
          fill="fill-amber"
        />
      </div>
      <p className="mt-3 text-sm text-muted">
        Up: response time; across: {whole} s of {rounds.length} rounds; the stronger the colour, the
        more responses, on one logarithmic scale. Within {whole} s Sepal sends{" "}
        {ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1)} times as many. Recorded are p50, p90,
        p95, p99 and p99.9 of a round; between them responses are drawn evenly, the faster half from
        half of the median on.
      </p>
    </section>
  );
}
