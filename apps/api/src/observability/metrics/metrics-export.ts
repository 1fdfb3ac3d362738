import { setTimeout as sleep } from "node:timers/promises";
import { ValueType, type Attributes, type HrTime } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { emptyResource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type DataPoint,
  type Histogram,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { TelemetrySettings } from "../../settings/telemetry-settings.ts";
import { VERSION } from "../../version.ts";
import { logDestination, logFailures, telemetryResource } from "../otlp-exporter.ts";

/** A metric in prom-client's JSON form. */
type Metric = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>[number];

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly value: number;
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}

/** Labels without the bound of a bucket. */
function attributesOf({ labels: { le: _le, ...labels } }: Sample): Attributes {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

/** Histograms of a metric by their labels: Prometheus counts cumulatively, OTLP by bucket. */
function histograms(samples: readonly Sample[], times: Times): DataPoint<Histogram>[] {
  const series = Map.groupBy(samples, (sample) => JSON.stringify(attributesOf(sample)));
  return [...series.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const buckets = rows
      .filter(({ labels: { le } }) => le !== undefined)
      .map(({ labels: { le }, value }) => ({ bound: Number(String(le).replace("+", "")), value }))
      .toSorted((one, other) => one.bound - other.bound);
    const ending = (end: string) => rows.find(({ metricName }) => metricName?.endsWith(end))?.value;
    const value: Histogram = {
      buckets: {
        boundaries: buckets.map(({ bound }) => bound).filter(Number.isFinite),
        counts: buckets.map(({ value: upTo }, at) => upTo - (buckets[at - 1]?.value ?? 0)),
      },
      sum: ending("_sum") ?? 0,
      count: ending("_count") ?? 0,
    };
    return [{ ...times, attributes: attributesOf(first), value }];
  });
}

/** A metric of a registry as OTLP has it, under its own name; `undefined` where OTLP has no such kind. */
function toMetricData(metric: Metric, times: Times): MetricData | undefined {
  const { name, help, type } = metric;
  const samples: readonly Sample[] = metric.values;
  const data = {
    descriptor: { name, description: help, unit: "", valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const points = () =>
    samples.map((sample) => ({
      ...times,
      attributes: attributesOf(sample),
      value: sample.value,
    }));
  // prom-client types its metric types as an enum and fills them with words.
  switch (String(type)) {
    case "counter":
      return {
        ...data,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: points(),
      };
    case "gauge":
      return { ...data, dataPointType: DataPointType.GAUGE, dataPoints: points() };
    case "histogram":
      return {
        ...data,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: histograms(samples, times),
      };
    default:
      return undefined;
  }
}

/** Metrics that are sent to a collector; it exists only where one is set. */
export interface MetricsExport {
  /** Sends them a last time, for `withinMs` milliseconds at most; never fails. */
  close(withinMs: number): Promise<void>;
}

interface MetricsExportOptions {
  readonly url: string;
  readonly settings: TelemetrySettings;
  /** The metrics as they are now, of all processes where there are several. */
  readonly collect: () => Promise<readonly Metric[]>;
  readonly logger: Logger;
}

/** Sends the metrics of `/metrics` to a collector, at the interval of the settings. */
export function openMetricsExport({
  url,
  settings,
  collect,
  logger,
}: MetricsExportOptions): MetricsExport {
  const exporter = new OTLPMetricExporter({ url });
  logFailures(exporter, logger, "metrics");
  const startTime = hrTime(performance.timeOrigin);
  const scope = { name: "sepal", version: VERSION };
  const { OTEL_METRIC_EXPORT_INTERVAL: interval, OTEL_METRIC_EXPORT_TIMEOUT: timeout } = settings;
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: interval,
    exportTimeoutMillis: Math.min(timeout, interval),
    metricProducers: [
      {
        async collect() {
          const times = { startTime, endTime: hrTime(Date.now()) };
          const metrics = (await collect()).flatMap((each) => toMetricData(each, times) ?? []);
          return {
            resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] },
            errors: [],
          };
        },
      },
    ],
  });
  const provider = new MeterProvider({
    resource: telemetryResource(settings),
    readers: [reader],
  });
  logDestination(logger, settings, url, "metrics");
  return {
    async close(withinMs) {
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, sleep(withinMs)]);
    },
  };
}
