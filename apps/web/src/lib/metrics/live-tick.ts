import { increasesBetween, type Reading } from "./counter-increase.ts";
import {
  type Histogram,
  observations,
  type Sample,
  sumBuckets,
} from "@sepal/schema/prometheus-text";

/** What a request wanted: one prediction, many, or something else. */
export type RequestKind = "single" | "batch" | "other";

/** What the server did between two scrapes. */
export interface LiveTick {
  /** When the later scrape was taken, in milliseconds since the epoch. */
  readonly at: number;
  /** Since the earlier one. */
  readonly seconds: number;
  /** Whether the server started anew in between. */
  readonly restarted: boolean;
  /** Requests by bucket of their duration; kinds without a request are absent. */
  readonly latency: Readonly<Partial<Record<RequestKind, readonly number[]>>>;
  /** Single predictions by model. */
  readonly singles: Readonly<Record<string, number>>;
  /** Rows answered, by lane. */
  readonly rows: Readonly<Record<string, number>>;
  /** Requests by status class such as `2xx`. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Executions and the rows in them, micro-batched singles alone. */
  readonly executions: number;
  readonly executedRows: number;
  /** Rows waiting or running at `at`. */
  readonly queueRows: number;
  /** Seconds that the event loop came late; `null` when the server does not say. */
  readonly eventLoop: { readonly p50: number; readonly p99: number; readonly max: number } | null;
}

const LATENCY = "http_request_duration_seconds_bucket";

/** The kind of request behind a route's template such as `/predict/:model_name`. */
export function requestKind(handler: string): RequestKind {
  if (/predict-?(?:batch|file|stream)/i.test(handler)) return "batch";
  return /(?:^|[/.])predict(?:$|\/[:{])|\/infer$/.test(handler) ? "single" : "other";
}

function sumBy(samples: readonly Sample[], name: string, label: string): Record<string, number> {
  // A model may have the name of what every object has, such as `constructor`.
  const sums: Record<string, number> = Object.create(null);
  for (const { name: own, labels, value } of samples) {
    const key = labels[label];
    if (own === name && key !== undefined) sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}

function latencyOf(samples: readonly Sample[]): LiveTick["latency"] {
  const latency: Partial<Record<RequestKind, readonly number[]>> = {};
  for (const kind of ["single", "batch", "other"] as const) {
    const own = samples.filter(
      ({ name, labels }) => name === LATENCY && requestKind(labels["handler"] ?? "") === kind,
    );
    const { counts } = sumBuckets(own);
    if (observations(counts) > 0) latency[kind] = counts;
  }
  return latency;
}

function eventLoopOf(gauges: readonly Sample[]): LiveTick["eventLoop"] {
  const own = sumBy(gauges, "nodejs_eventloop_delay_seconds", "level");
  const { "0.5": p50, "0.99": p99, "1": max } = own;
  return p50 === undefined || p99 === undefined || max === undefined ? null : { p50, p99, max };
}

/** Finite upper bounds of the duration buckets, in seconds; empty before the first request. */
export function latencyBounds({ counters }: Reading): Histogram["bounds"] {
  return sumBuckets([...counters.values()].filter(({ name }) => name === LATENCY)).bounds;
}

/** Compares two scrapes of the same server, the earlier one first. */
export function tickBetween(before: Reading, after: Reading): LiveTick {
  const { restarted, samples } = increasesBetween(before, after);
  const inLane = (lane: string) => samples.filter(({ labels }) => labels["lane"] === lane);
  const single = inLane("single");
  const total = (sums: Record<string, number>) => observations(Object.values(sums));
  return {
    at: after.at,
    seconds: (after.at - before.at) / 1000,
    restarted,
    latency: latencyOf(samples),
    singles: sumBy(single, "inference_rows_total", "model"),
    rows: sumBy(samples, "inference_rows_total", "lane"),
    statuses: sumBy(samples, "http_requests_total", "status"),
    executions: total(sumBy(single, "inference_executions_total", "model")),
    executedRows: total(sumBy(single, "inference_rows_total", "model")),
    queueRows: total(sumBy(after.gauges, "inference_queue_rows", "model")),
    eventLoop: eventLoopOf(after.gauges),
  };
}
