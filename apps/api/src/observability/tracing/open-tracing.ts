import { setTimeout as sleep } from "node:timers/promises";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  TracerProvider,
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
  type SpanExporter,
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
import type { TracingSettings } from "../../settings/tracing-settings.ts";
import { HotCounter } from "../metrics/hot-metrics.ts";

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
  readonly settings: TracingSettings;
  readonly register: Registry;
  readonly logger: Logger;
}

/** The sampler that the settings name. */
export function samplerOf({
  OTEL_TRACES_SAMPLER: name,
  OTEL_TRACES_SAMPLER_ARG: ratio,
}: TracingSettings): Sampler {
  const root = name.endsWith("always_on")
    ? new AlwaysOnSampler()
    : name.endsWith("always_off")
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio);
  return name.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}

/** Shortest time between two lines on spans that cannot be sent, in milliseconds. */
const LOG_EVERY_MS = 60_000;

/** An exporter whose failures are logged, once a minute at most, and disturb nothing else. */
function loggingExporter(exporter: SpanExporter, logger: Logger): SpanExporter {
  let logged = -Infinity;
  const log = (err: Error) => {
    const now = performance.now();
    if (now - logged < LOG_EVERY_MS) return;
    logged = now;
    logger.warn({ err }, "spans cannot be sent");
  };
  return {
    export(spans, callback) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined) log(result.error);
        callback(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
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
  const processor = new BatchSpanProcessor({
    exporter: loggingExporter(exporter, logger),
    scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
    maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    selfObsMeterProvider: spanCounts(register),
  });
  const own = resourceFromAttributes({
    "service.name": settings.OTEL_SERVICE_NAME,
    "service.version": VERSION,
    "process.pid": process.pid,
  });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(own),
    sampler: samplerOf(settings),
    spanProcessors: [processor],
  });
  const spans = new RequestSpans(provider.getTracer("sepal", VERSION));
  const { origin, pathname } = new URL(url);
  logger.info({ collector: origin + pathname }, "spans are sent to a collector");
  return {
    begin: (request) => spans.begin(request),
    end: (request, status) => spans.end(request, status),
    async close(withinMs) {
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, sleep(withinMs)]);
    },
  };
}
