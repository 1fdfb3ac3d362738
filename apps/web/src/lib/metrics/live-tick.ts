import {
  type Histogram,
  observations,
  parsePrometheus,
  type Sample,
  sumBuckets,
} from "@sepal/schema/prometheus-text";

/** One scrape, ready to be compared with another. */
export interface Reading {
  /** When it was taken, in milliseconds since the epoch. */
  readonly at: number;
  /** Counters and the parts of histograms, by series. */
  readonly counters: ReadonlyMap<string, Sample>;
  readonly gauges: readonly Sample[];
}

/** What every counter gained between two scrapes. */
interface Increases {
  /** Whether the server started anew in between: its counters then began at 0. */
  readonly restarted: boolean;
  /** `value` is the gain; never negative. */
  readonly samples: readonly Sample[];
}

const HISTOGRAM_PART = /_(?:bucket|count|sum)$/;

function seriesKey({ name, labels }: Sample): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return name + JSON.stringify(sorted);
}

/** Reads the text of one scrape that was taken at `at`, in milliseconds since the epoch. */
export function readScrape(text: string, at: number): Reading {
  const { types, samples } = parsePrometheus(text);
  const counters = new Map<string, Sample>();
  const gauges: Sample[] = [];
  for (const sample of samples) {
    const type = types.get(sample.name) ?? types.get(sample.name.replace(HISTOGRAM_PART, ""));
    if (type === "counter" || type === "histogram") counters.set(seriesKey(sample), sample);
    else gauges.push(sample);
  }
  return { at, counters, gauges };
}

/** A counter that fell or a series that is gone: only a new process does that. */
function hasRestarted(before: Reading, after: Reading): boolean {
  for (const [key, { value }] of before.counters) {
    const now = after.counters.get(key);
    if (now === undefined || now.value < value) return true;
  }
  return false;
}

/** What happened between two scrapes; a series that was not there before began at 0. */
function increasesBetween(before: Reading, after: Reading): Increases {
  const restarted = hasRestarted(before, after);
  const samples: Sample[] = [];
  for (const [key, sample] of after.counters) {
    const from = restarted ? 0 : (before.counters.get(key)?.value ?? 0);
    samples.push({ ...sample, value: sample.value - from });
  }
  return { restarted, samples };
}

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
  /** Rows predicted, by path. */
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

/** What the playground's server knows of the API's metrics. */
export interface LiveFeed {
  /** Names the recording; another id means that all earlier ticks are void. */
  readonly id: string;
  /** How many ticks were ever recorded: what to ask `since` next. */
  readonly recorded: number;
  /** Finite upper bounds of the duration buckets, in seconds. */
  readonly bounds: readonly number[];
  /** Oldest first. */
  readonly ticks: readonly LiveTick[];
  /** Whether the last scrape succeeded. */
  readonly up: boolean;
  /** When the last good scrape was taken, in milliseconds since the epoch. */
  readonly scrapedAt: number | null;
  /** The server's clock, in milliseconds since the epoch. */
  readonly now: number;
}
