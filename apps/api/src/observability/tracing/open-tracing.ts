import { setTimeout as sleep } from "node:timers/promises";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  BatchSpanProcessor,
  TracerProvider,
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import {
  createNoopMeter,
  type Attributes,
  type Meter,
  type MeterProvider,
} from "@opentelemetry/api";
import { VERSION } from "../../version.ts";
import { RequestSpans, type TracedRequest } from "./trace-requests.ts";
import type { TelemetrySettings } from "../../settings/telemetry-settings.ts";
import { HotCounter } from "../metrics/hot-metrics.ts";
import { logDestination, logFailures, telemetryResource } from "../otlp-exporter.ts";

/** Spans of requests, sent to a collector; it exists only where one is set. */
export interface Tracing {
  /** Begins the span of a request, which its response names. */
  begin(request: TracedRequest): void;
  /** Ends it, with the status of the response. */
  end(request: TracedRequest, status: number): void;
  /** Sends what is collected, for `withinMs` milliseconds at most; never fails. */
  close(withinMs: number): Promise<void>;
}

/** Batches of spans that are sent at the same time, when the process ends. */
const MAX_SENDING = 8;

interface TracingOptions {
  readonly url: string;
  readonly settings: TelemetrySettings;
  readonly register: Registry;
  readonly logger: Logger;
}

/** The sampler that the settings name. */
export function samplerOf({
  OTEL_TRACES_SAMPLER: name,
  OTEL_TRACES_SAMPLER_ARG: ratio,
}: TelemetrySettings): Sampler {
  const root = name.endsWith("always_on")
    ? new AlwaysOnSampler()
    : name.endsWith("always_off")
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio);
  return name.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}

/** How the batch processor calls what it counts, and the error of a span that found its queue full. */
const PROCESSED = "otel.sdk.processor.span.processed";
const QUEUE_FULL = "queue_full";

/** Declares the counter of ended spans; returns the meters that the batch processor counts them with. */
export function spanCounts(register: Registry): MeterProvider {
  const spans = new HotCounter({
    name: "trace_spans_total",
    help: "Spans sent to the collector, failed to be sent, or dropped because too many waited",
    labelNames: ["outcome"],
    register,
  });
  const exported = spans.labels("exported");
  const failed = spans.labels("failed");
  const dropped = spans.labels("dropped");
  const add = (count: number, attributes: Attributes = {}) => {
    const error = attributes["error.type"];
    if (error === undefined) exported.inc(count);
    else if (error === QUEUE_FULL) dropped.inc(count);
    else failed.inc(count);
  };
  const noop = createNoopMeter();
  const createCounter: Meter["createCounter"] = (name, options) =>
    name === PROCESSED ? { add } : noop.createCounter(name, options);
  const meter = new Proxy(noop, {
    get: (target, key) => (key === "createCounter" ? createCounter : Reflect.get(target, key)),
  });
  return { getMeter: () => meter };
}

/** Prepares to send spans to a collector; nothing is sent before the first request. */
export function openTracing({ url, settings, register, logger }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url, concurrencyLimit: MAX_SENDING });
  logFailures(exporter, logger, "spans");
  const processor = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
    maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    selfObsMeterProvider: spanCounts(register),
  });
  const provider = new TracerProvider({
    resource: telemetryResource(settings),
    sampler: samplerOf(settings),
    spanProcessors: [processor],
  });
  const spans = new RequestSpans(provider.getTracer("sepal", VERSION));
  logDestination(logger, settings, url, "spans");
  return {
    begin: (request) => spans.begin(request),
    end: (request, status) => spans.end(request, status),
    async close(withinMs) {
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, sleep(withinMs)]);
    },
  };
}
