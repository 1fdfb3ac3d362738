"use client";

import { useMemo, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import type { ModelCard } from "@sepal/schema/model-card";
import { liveParsers } from "@/lib/live/address.ts";
import {
  type ChartSpan,
  QUANTILES,
  type ShownKind,
  spanOf,
  stepQuantiles,
} from "@/lib/live/chart-data.ts";
import { useLiveFeed, type Live } from "@/lib/live/use-live-feed.ts";
import { latencyCounts, mergeAll } from "@/lib/metrics/merge-ticks.ts";
import { CheckIcon, WarningIcon } from "@/components/icons.tsx";
import { bucketText, count, quantileText } from "@/lib/format.ts";
import { trpc } from "@/lib/trpc.ts";
import { useAddress } from "@/lib/use-address.ts";
import {
  errorsSpec,
  eventLoopSpec,
  latencySpec,
  LIMITS,
  queueSpec,
  requestsSpec,
  rowsSpec,
  timeOfDay,
} from "./chart-specs.ts";
import { LatencyHeatmap } from "./latency-heatmap.tsx";
import { LineChart } from "./line-chart.tsx";
import { LoadPanel } from "./load-panel.tsx";
import { LiveToolbar, windowText } from "./live-toolbar.tsx";
import { usePalette } from "./use-palette.ts";

/** Every model's card, from the page's first response or, once the server is back, from the server. */
function useModelCards(initial: readonly ModelCard[] | null): readonly ModelCard[] {
  const { data } = useQuery({
    queryKey: ["model-cards"],
    queryFn: async ({ signal }): Promise<readonly ModelCard[]> =>
      (await trpc.models.list.query(undefined, { signal })).models,
    ...(initial === null ? {} : { initialData: initial }),
  });
  return data ?? [];
}

/** Figures older than this are called old. */
const STALE_S = 3;

function noteOf({ state, scrapedAt, now }: Live): { text: string; stale: boolean } {
  const last = scrapedAt === null ? "" : ` The last figures are of ${timeOfDay(scrapedAt / 1000)}.`;
  if (state === "down") return { text: `The server is not responding.${last}`, stale: true };
  if (state === "offline") {
    return { text: `The playground's own server is not responding.${last}`, stale: true };
  }
  if (state === "starting" || scrapedAt === null) {
    return { text: "Waiting for the first two scrapes.", stale: false };
  }
  const age = Math.round((now - scrapedAt) / 1000);
  if (age > STALE_S) return { text: `Stale: the figures are ${age} s old.`, stale: true };
  return { text: "Live, a point a second.", stale: false };
}

interface FeedNoteProps {
  readonly live: Live;
  /** When the view was paused, in milliseconds since the epoch; `null` while it is not. */
  readonly pausedAt: number | null;
}

/** How fresh the figures are. */
function FeedNote({ live, pausedAt }: FeedNoteProps) {
  const { text, stale } = noteOf(live);
  return (
    <output
      className={clsx("flex items-center gap-2 text-sm", stale ? "text-amber" : "text-muted")}
    >
      {stale && <WarningIcon className="size-4.5 shrink-0" />}
      <span>
        {pausedAt !== null && `Paused at ${timeOfDay(pausedAt / 1000)}. `}
        {(pausedAt === null || stale) && text}
      </span>
    </output>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  /** Whether a limit holds; `null` where there is none or nothing to hold against it. */
  readonly good?: boolean | null;
}

function Tile({ name, value, note, good = null }: TileProps) {
  const Icon = good === true ? CheckIcon : WarningIcon;
  return (
    <div className="plate px-4 py-3.5 last:col-span-2 lg:last:col-span-1">
      <dt className="text-sm text-muted">{name}</dt>
      <dd>
        <span className="figures flex items-center gap-2 text-2xl font-semibold">
          {value}
          {good !== null && (
            <Icon className={clsx("size-5 shrink-0", good ? "text-leaf" : "text-amber")} />
          )}
        </span>
        <span className="block text-sm text-muted">{note}</span>
      </dd>
    </div>
  );
}

interface LiveTilesProps {
  readonly span: ChartSpan;
  readonly kind: ShownKind;
  readonly bounds: readonly number[];
  /** Length of the window in words, such as `1 minute`. */
  readonly window: string;
}

/** The window in figures, compared with the two targets. */
function LiveTiles({ span, kind, bounds, window }: LiveTilesProps) {
  const whole = mergeAll(span.steps);
  const found = whole === null ? [] : stepQuantiles(whole, kind, bounds);
  const total = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((sum, each) => sum + each, 0);
  const rates = span.steps.map((step) => total(step.singles) / step.seconds);
  const busiest = Math.max(0, ...rates);
  const now = rates.at(-1) ?? 0;
  const failed = whole === null ? 0 : (whole.statuses["5xx"] ?? 0) + (whole.statuses["4xx"] ?? 0);
  return (
    <dl aria-label={`The last ${window}`} className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      {QUANTILES.map(({ name, q }, index) => {
        const quantile = found[index] ?? null;
        const upper = quantile?.kind === "within" ? quantile.upper : Infinity;
        return (
          <Tile
            key={name}
            name={name}
            value={quantileText(quantile)}
            note={bucketText(quantile)}
            good={q !== 0.99 || quantile === null ? null : upper <= LIMITS.latency}
          />
        );
      })}
      <Tile
        name="Single predictions"
        value={`${count(now)}/s`}
        note={`peak ${count(busiest)}/s; target ${LIMITS.rate}/s`}
        good={busiest >= LIMITS.rate ? true : null}
      />
      <Tile name="Errors" value={count(failed)} note={`4xx and 5xx in ${window}`} />
    </dl>
  );
}

interface LiveViewProps {
  /** `null` when the server did not respond while the page was rendered. */
  readonly initialCards: readonly ModelCard[] | null;
}

/** The server's own figures as they come. */
export function LiveView({ initialCards }: LiveViewProps) {
  const cards = useModelCards(initialCards);
  const [{ window, requests: kind }, change] = useAddress(liveParsers);
  const live = useLiveFeed();
  const [paused, setPaused] = useState<Live | null>(null);
  const palette = usePalette();
  const { ticks, bounds, now } = paused ?? live;
  const span = useMemo(() => spanOf(ticks, now, Number(window)), [ticks, now, window]);
  const specs = useMemo(
    () => [requestsSpec, rowsSpec, errorsSpec, queueSpec, eventLoopSpec].map((spec) => spec(span)),
    [span],
  );
  const latency = useMemo(() => latencySpec(span, kind, bounds), [span, kind, bounds]);
  const heatmap = useMemo(() => {
    const counts = span.steps.map((step) => latencyCounts(step, kind, bounds.length + 1));
    return { span, bounds, counts };
  }, [span, kind, bounds]);
  return (
    <div className="grid gap-5">
      <LiveToolbar
        minutes={window}
        kind={kind}
        paused={paused !== null}
        onMinutes={(minutes) => change({ window: minutes }, { history: "push" })}
        onKind={(requests) => change({ requests }, { history: "push" })}
        onPause={() => setPaused(paused === null ? live : null)}
      />
      <LoadPanel cards={cards} />
      <FeedNote live={live} pausedAt={paused?.now ?? null} />
      <LiveTiles span={span} kind={kind} bounds={bounds} window={windowText(window)} />
      <div className="grid gap-5 md:grid-cols-2 xl:grid-cols-6">
        <LineChart spec={latency} palette={palette} className="md:col-span-2 xl:col-span-6" />
        <LatencyHeatmap data={heatmap} palette={palette} className="md:col-span-2 xl:col-span-6" />
        {specs.map((spec, index) => (
          <LineChart
            key={spec.title}
            spec={spec}
            palette={palette}
            className={index < 2 ? "xl:col-span-3" : "xl:col-span-2 last:md:max-xl:col-span-2"}
          />
        ))}
      </div>
    </div>
  );
}
