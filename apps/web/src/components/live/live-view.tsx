"use client";

import type { ModelCard } from "@sepal/schema/model-card";
import { useQueryStates } from "nuqs";
import { useMemo, useState } from "react";
import { liveParsers } from "@/lib/live/address.ts";
import { spanOf } from "@/lib/live/chart-data.ts";
import { useLiveFeed, type Live } from "@/lib/live/use-live-feed.ts";
import { latencyCounts } from "@/lib/metrics/merge-ticks.ts";
import { useModelCards } from "@/lib/use-model-cards.ts";
import {
  errorsSpec,
  eventLoopSpec,
  latencySpec,
  queueSpec,
  requestsSpec,
  rowsSpec,
} from "./chart-specs.ts";
import { FeedNote } from "./feed-note.tsx";
import { LatencyHeatmap } from "./latency-heatmap.tsx";
import { LineChart } from "./line-chart.tsx";
import { LiveTiles } from "./live-tiles.tsx";
import { LiveToolbar, windowText } from "./live-toolbar.tsx";
import { usePalette } from "./use-palette.ts";

interface LiveViewProps {
  /** `null` when the server did not answer the page's first response. */
  readonly initialCards: readonly ModelCard[] | null;
}

/** The server's own figures as they come. */
export function LiveView({ initialCards }: LiveViewProps) {
  const cards = useModelCards(initialCards);
  const [{ window, requests: kind }, setAddress] = useQueryStates(liveParsers);
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
        cards={cards}
        minutes={window}
        kind={kind}
        paused={paused !== null}
        onMinutes={(minutes) => void setAddress({ window: minutes })}
        onKind={(requests) => void setAddress({ requests })}
        onPause={() => setPaused(paused === null ? live : null)}
      />
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
